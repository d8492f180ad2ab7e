/** Time limit: 300 s */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/pool/faults.ts';

testCases('../pool/faults.js', cases, { methods: ['forkserver'] });
