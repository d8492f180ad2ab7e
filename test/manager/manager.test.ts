/**
 * Managers under each start method; what holds stands in fixtures/manager/cases.ts. `npm run test:full` goes through
 * all cases under each start method.
 */
import { testCases } from '../helpers/cases.js';
import { cases } from '../fixtures/manager/cases.js';

const others = ['a program’s own types', 'errors keep', 'calls begin', 'dict: several', 'proxies go', 'objects of other', 'the initializer', 'life:'];
testCases('../manager/cases.js', cases, { inBrief: { spawn: others, fork: others } });
