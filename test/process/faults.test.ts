/** Many starts, and starts that end at once. `npm run test:full` makes more of them. Time limit: 300 s */
import { testCases } from '../helpers/cases.ts';
import { cases } from '../fixtures/process/faults.ts';

testCases('faults.js', cases);
