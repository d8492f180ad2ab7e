/** Managers under each start method; what holds stands in fixtures/manager/cases.ts. */
import { testCases } from '../helpers/cases.js';
import { cases } from '../fixtures/manager/cases.js';

testCases('../manager/cases.js', cases);
