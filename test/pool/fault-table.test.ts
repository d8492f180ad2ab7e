/** Time limit: 600 s */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/pool/fault-table.ts';

testCases('../pool/fault-table.js', cases, { methods: ['forkserver'] });
