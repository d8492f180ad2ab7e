/**
 * Large arrays in values: they cross, and nothing of them is left in /dev/shm, whoever is killed when. (The runner
 * looks for segments after this file.) Time limit: 900 s
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFull } from '../../../helpers/full.js';
import { engines, launcherMain, rankCounts, runRanks } from '../../../helpers/mpi.js';
import { gone, Program } from '../../../helpers/programs.js';
import { randomOf } from '../../helpers/random.js';
import { listNames } from '#nprocs/memory/janitor.js';

for (const engine of engines) {
	for (const n of rankCounts(engine)) {
		test(`large arrays on ${n} ${n === 1 ? 'rank' : 'ranks'}, ${engine}`, async () => {
			const { code, lines, stderr } = await runRanks(n, 'large-arrays', { engine });
			assert.equal(code, 0, stderr);
			assert.equal(lines.filter((line) => /^rank \d+ went through \d+ cases$/.test(line)).length, n, lines.join('\n'));
		});
	}
}

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const kills = isFull ? 30 : 5;

for (let i = 0; i < kills; i++) {
	test(`a rank is killed while large arrays go round (SEED=${seed}, ${i})`, async () => {
		const random = randomOf(seed, i);
		const job = new Program([launcherMain, 'mpiexec', '-n', '3', join(import.meta.dirname, '../../programs/large-arrays-for-ever.js')]);
		const pids: number[] = [];
		for (let lines = 3 + random.below(15); lines > 0 || Object.keys(pids).length < 3; lines--) {
			const [rank, pid] = (await job.line()).split(' ').map(Number);
			pids[rank!] = pid!;
		}
		process.kill(pids[random.below(3)]!, 'SIGKILL');
		assert.equal(await job.end(), 137, job.stderr);
		for (const pid of pids) await gone(pid);
		assert.deepEqual(
			listNames().filter((name) => !name.includes('registry')),
			[],
		);
	});
}
