import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/references.ts';

testCases('references.js', cases);
