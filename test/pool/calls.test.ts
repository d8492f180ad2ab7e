/** Calls of a pool. `npm run test:full` goes through all cases under each start method. */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/pool/calls.ts';

const others = [
	'apply gives',
	'an error keeps',
	'map keeps',
	'a blocked thread',
	'broadcast',
	'shared objects',
	'workers are replaced after',
	'workers have pools',
	'close lets',
];
testCases('../pool/calls.js', cases, { inBrief: { spawn: others, fork: others } });
