import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/life.ts';

testCases('life.js', cases);
