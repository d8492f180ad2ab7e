/** How processes end, under each start method. `npm run test:full` goes through all cases under each start method. */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/endings.ts';

const others = ['a target that returns', 'process.exit', 'an error is printed once', 'signals of its own', 'all of its output'];
testCases('endings.js', cases, { inBrief: { spawn: others, fork: others } });
