import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/contexts.ts';

testCases('contexts.js', cases);
