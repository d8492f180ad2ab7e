/**
 * The programs of test/mpi/programs that go through cases on all ranks: what mpi4py's tests look at, stage by stage. On
 * 1, 3 and 5 ranks of the embedded engine; `npm run test:mpi` runs them on 2 and 8, and on 1, 3 and 5 of each real
 * engine that is installed. Time limit: 1200 s.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engines, rankCounts, runRanks } from '../../helpers/mpi.js';

const programs = [
	...['status', 'groups', 'object-messages', 'buffer-messages', 'requests', 'environment', 'comms'],
	...['persistent-collectives', 'sessions', 'exchanges', 'distributed-arrays'],
	...['attributes', 'infos', 'errors', 'pickles', 'shared-objects'],
];
/** What needs shared memory. */
const embeddedOnly = ['shared-objects'];

for (const program of programs) {
	for (const engine of engines.filter((name) => name === 'embedded' || !embeddedOnly.includes(program))) {
		for (const n of rankCounts(engine)) {
			test(`${program} on ${n} ${n === 1 ? 'rank' : 'ranks'}, ${engine}`, async () => {
				const { code, lines, stdout, stderr } = await runRanks(n, program, { engine });
				assert.equal(code, 0, `${stdout}\n${stderr}`);
				const ends = lines.filter((line) => /^rank \d+ went through \d+ cases$/.test(line));
				assert.equal(ends.length, n, stdout);
				if (program === 'attributes') assert.equal(lines.filter((line) => line === 'the end true').length, n, stdout);
			});
		}
	}
}
