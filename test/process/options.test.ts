/**
 * Options of processes, under each start method. `npm run test:full` goes through all cases under each start method.
 */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/options.ts';

const spawn = [
	'a module sees',
	'env replaces',
	'cwd is',
	'a removed',
	'umask, argv',
	'stdin is',
	'piped',
	'execArgv',
	'a context can',
	'each process',
];
testCases('options.js', cases, { inBrief: { spawn } });
