/** Pools in worker threads and in workers of pools. */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/pool/places.ts';

testCases('../pool/places.js', cases, { methods: ['forkserver'] });
