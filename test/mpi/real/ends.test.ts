/**
 * How jobs of installed MPIs end: in bounded time (the helper's watchdog), with the code of the rank that failed, its
 * error printed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, runRanks } from '../../helpers/mpi.ts';

/** deed → the job's exit code, what is printed. */
const failures: readonly (readonly [string, number | { openmpi: number; mpich: number }, RegExp?])[] = [
	['exits', 3],
	['sets-exit-code', 6],
	['throws', 1, /Error: on purpose/],
	['rejects', 1, /Error: on purpose/],
	['throws-later', 1, /Error: on purpose/],
	['never-settles', 13],
	['is-killed', { openmpi: 137, mpich: 9 }],
	['is-terminated', { openmpi: 143, mpich: 15 }],
	['handles-terminated', 9],
	['aborts', 5],
];

for (const engine of ['openmpi', 'mpich'] as const) {
	const skip = missing(engine);
	for (const [deed, codes, message] of failures) {
		const code = typeof codes === 'number' ? codes : codes[engine];
		// How the others wait makes a difference to some of the ways to fail only.
		for (const wait of deed === 'throws' || deed === 'is-killed' ? ['blocked', 'awaiting'] : ['blocked']) {
			test(`${engine}: a rank that ${deed}, while the other is ${wait}`, { skip }, async () => {
				const outcome = await runRanks(2, 'ends', { engine, args: [deed, wait] });
				assert.equal(outcome.code, code, outcome.stderr);
				if (message !== undefined) assert.match(outcome.stderr, message);
			});
		}
	}

	for (const deed of ['leaves-a-receive', 'finalizes']) {
		test(`${engine}: a job in which each rank ${deed} ends well`, { skip }, async () => {
			const { code, stderr } = await runRanks(2, 'ends', { engine, args: [deed] });
			assert.deepEqual([code, stderr], [0, '']);
		});
	}
}
