/** Jobs whose ranks wait for each other for ever end with a report, and only those. Time limit: 900 s */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRanks } from '../../helpers/mpi.js';
import { project } from '../../helpers/programs.js';

const cases: readonly (readonly [way: string, n: number, lines: readonly RegExp[]])[] = [
	[
		'mutual',
		2,
		[/rank 0 waits in recv\(source=1, tag=ANY_TAG\) at .*stuck\.js:\d+/, /rank 1 waits in recv\(source=0, tag=ANY_TAG\) at .*stuck\.js:\d+/],
	],
	['computing', 3, [/rank 0 waits in recv\(source=1, tag=7\)/, /rank 1 waits in recv\(source=0, tag=7\)/]],
	['ended', 2, [/rank 0 waits in recv\(source=1/, /rank 1 has ended/]],
	['ring', 4, [0, 1, 2, 3].map((rank) => new RegExp(`rank ${rank} waits in recv\\(source=${(rank + 3) % 4}`))],
	['any', 3, [0, 1, 2].map((rank) => new RegExp(`rank ${rank} waits in recv\\(source=ANY_SOURCE`))],
	['sends', 3, [0, 1, 2].map((rank) => new RegExp(`rank ${rank} waits in Send\\(dest=${(rank + 1) % 3}`))],
	['synchronous', 2, [0, 1].map((rank) => new RegExp(`rank ${rank} waits in ssend\\(dest=${1 - rank}`))],
	['barrier', 3, [/rank 1 waits in Barrier/, /rank 2 waits in Barrier/, /rank 0 has ended/]],
	['waitall', 2, [/rank 0 waits in Waitall/, /rank 1 has ended/]],
	['awaited', 2, [/rank 0 waits in await recv\(source=1, tag=ANY_TAG\)$/m, /rank 1 waits in await recv\(source=0, tag=ANY_TAG\)$/m]],
	['several', 2, [/rank 0 waits in waitany\(recv\(source=1, tag=1\) or recv\(source=1, tag=2\)\) at .*stuck\.js:\d+/, /rank 1 has ended/]],
	['behind', 2, [/rank 0 waits in recv\(source=1, tag=2\) at .*stuck\.js:\d+/, /rank 1 waits in Recv\(source=0, tag=3\) at .*stuck\.js:\d+/]],
	['unsent', 2, [/rank 0 waits in Finalize\(messages that it has sent\)/, /rank 1 has ended/]],
	['probe', 2, [/rank 0 waits in probe\(source=1, tag=3\)/, /rank 1 waits in recv\(source=0/]],
];

for (const [way, n, lines] of cases) {
	test(`${way}, on ${n} ranks`, async () => {
		const { code, stdout, stderr } = await runRanks(n, 'stuck', { args: [way] });
		assert.equal(code, 1, stderr + stdout);
		assert.match(stderr, /^nprocs mpiexec: deadlock/);
		for (const line of lines) assert.match(stderr, line);
		assert.equal(stderr.trim().split('\n').length, 1 + lines.length, stderr);
	});
}

test('a CommonJS program is told where it waits', async () => {
	const program = "const { MPI } = require('nprocs/mpi');\nif (MPI.COMM_WORLD.rank === 1) MPI.COMM_WORLD.recv(0, 5);\n";
	const { code, stderr } = await runRanks(2, join(project({ 'stuck.cjs': program }), 'stuck.cjs'));
	assert.equal(code, 1, stderr);
	assert.match(stderr, /rank 1 waits in recv\(source=0, tag=5\) at .*stuck\.cjs:2/);
});

for (const n of [2, 5, 8]) {
	test(`${n} ranks that wait for slow ones, blocked and awaiting, are no deadlock`, async () => {
		const { code, lines, stderr } = await runRanks(n, 'slow');
		assert.deepEqual([code, stderr, lines], [0, '', Array.from({ length: n }, () => String(n))]);
	});
}

for (const from of ['process', 'socket']) {
	test(`a rank that awaits a message, and something from a ${from} that makes it go on, is no deadlock`, async () => {
		const { code, lines, stderr } = await runRanks(2, 'elsewhere', { args: [from] });
		assert.deepEqual([code, stderr, lines], [0, '', [`answer to ${from}`]]);
	});
}
