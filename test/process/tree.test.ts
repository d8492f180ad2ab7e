import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/tree.ts';

testCases('tree.js', cases);
