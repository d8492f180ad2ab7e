import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/values.ts';

testCases('values.js', cases);
