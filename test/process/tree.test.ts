/**
 * Processes that start processes, under each start method. `npm run test:full` goes through all cases under each start
 * method.
 */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/tree.ts';

const others = [
	'a tree of processes',
	'daemon is',
	'the start method',
	'a child for which',
	'a process of a context',
	'a child can use',
	'a child notices',
];
testCases('tree.js', cases, { inBrief: { spawn: others.filter((name) => name !== 'a tree of processes'), fork: others } });
