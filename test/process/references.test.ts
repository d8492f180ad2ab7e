/**
 * How functions cross to another process, under each start method. `npm run test:full` goes through all cases under
 * each start method.
 */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/references.ts';

const others = [
	'exported functions of every form',
	'an export that was',
	'what no module',
	'closures and methods',
	'private fields',
	'a subclass that is not',
	'functions that are named',
	'a name is checked',
	'inline refuses',
];
testCases('references.js', cases, { inBrief: { spawn: others, fork: others } });
