/** Time limit: 240 s */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/pool/calls.ts';

testCases('../pool/calls.js', cases);
