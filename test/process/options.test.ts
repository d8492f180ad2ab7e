import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/options.ts';

testCases('options.js', cases);
