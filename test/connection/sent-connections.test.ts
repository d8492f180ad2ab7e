import { after } from 'node:test';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import { cases } from '../fixtures/channel/sent-connections.ts';
import { testCases } from '../helpers/cases.ts';

after(() => collectGarbage());

testCases('../channel/sent-connections.js', cases);
