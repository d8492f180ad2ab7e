/**
 * The life of a process, under each start method. `npm run test:full` goes through all cases under each start method.
 */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/life.ts';

const spawn = ['the target runs', 'pid is known', 'inspect shows exit', 'join:', 'joinSync', 'terminate, kill', 'close:', 'an end by', 'stopped and'];
testCases('life.js', cases, { inBrief: { spawn } });
