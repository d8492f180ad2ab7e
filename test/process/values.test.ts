/**
 * Arguments of processes, under each start method. `npm run test:full` goes through all cases under each start method.
 */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/values.ts';

const spawn = ['values keep', 'large arguments', 'shared objects are', 'shared objects may', 'what cannot'];
testCases('values.js', cases, { inBrief: { spawn } });
