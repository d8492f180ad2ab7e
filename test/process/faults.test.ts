/** Time limit: 300 s */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/faults.ts';

testCases('faults.js', cases);
