/**
 * Collective operations, datatypes, operations, topologies, intercommunicators and windows: programs that go through
 * cases on all ranks, and the matrix that compares collective operations byte for byte with an oracle
 * (test/mpi/helpers). On 1, 3 and 5 ranks of the embedded engine; `npm run test:mpi` runs them on 2 and 8, and on 1, 3
 * and 5 of each real engine that is installed, and tries more plans of the matrix. Time limit: 1200 s.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFull } from '../helpers/full.js';
import { engines, rankCounts, runRanks } from '../helpers/mpi.js';

const programs = [
	'collective-errors',
	'object-collectives',
	'operations',
	'datatypes',
	'topologies',
	'neighbors',
	'intercommunicators',
	'windows',
	'mpi-reference',
];
/** These need a folder. */
const withFolder = ['files', 'tutorial'];

for (const engine of engines) {
	for (const n of rankCounts(engine)) {
		const where = `on ${n} ${n === 1 ? 'rank' : 'ranks'}, ${engine}`;

		for (const program of programs) {
			test(`${program} ${where}`, async () => {
				const { code, lines, stdout, stderr } = await runRanks(n, program, { engine });
				assert.equal(code, 0, `${stdout}\n${stderr}`);
				assert.equal(lines.filter((line) => /^rank \d+ went through \d+ cases$/.test(line)).length, n, stdout);
			});
		}

		for (const program of withFolder) {
			test(`${program} ${where}`, async (t) => {
				const folder = mkdtempSync(join(tmpdir(), 'mpi-files-'));
				t.after(() => rmSync(folder, { recursive: true }));
				const { code, lines, stdout, stderr } = await runRanks(n, program, { engine, args: [folder] });
				assert.equal(code, 0, `${stdout}\n${stderr}`);
				assert.equal(lines.filter((line) => /^rank \d+ went through \d+ cases$/.test(line)).length, n, stdout);
			});
		}

		for (const what of ['movements', 'reductions']) {
			test(`the matrix of ${what} ${where}`, async (t) => {
				const seed = randomInt(1, 2 ** 20);
				const every = (isFull ? 4 : 20) * n * (what === 'movements' ? 1 : 2);
				t.diagnostic(`seed ${seed}, one of ${every} plans`);
				const args = [what, String(every), String(seed)];
				const { code, stdout, stderr } = await runRanks(n, 'collectives-matrix', { engine, args, timeoutMs: 600_000 });
				assert.equal(code, 0, `${stdout}\n${stderr}`);
				const tried = Number(/^(\d+) plans$/m.exec(stdout)?.[1]);
				assert.ok(tried > 5, `${tried} plans were tried`);
			});
		}
	}
}

test('a list that is too long for scatter ends the job with a message, and nobody hangs', async () => {
	const { code, stdout, stderr } = await runRanks(3, 'scatter-wrong-length');
	assert.notEqual(code, 0);
	assert.equal(stdout, '');
	assert.match(stderr, /scatter\(\) to be given 3 items, one for each rank to send to, got 10/);
});
