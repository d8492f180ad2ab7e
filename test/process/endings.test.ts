import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/endings.ts';

testCases('endings.js', cases);
