/**
 * Connections in messages and arguments, under each start method. `npm run test:full` goes through all cases under each
 * start method.
 */
import { after } from 'node:test';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import { cases } from '../fixtures/channel/sent-connections.ts';
import { testCases } from '../helpers/cases.ts';

after(() => collectGarbage());

const others = [
	'an argument:',
	'a server that',
	'both hold',
	'a process that ends',
	'a process that is killed',
	'through a Unix',
	'a receiver that',
	'a forked copy',
];
testCases('../channel/sent-connections.js', cases, { inBrief: { spawn: others, fork: others } });
