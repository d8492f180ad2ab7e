/** Jobs whose ranks wait for each other for ever end with a report, and only those. Time limit: 900 s */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launcherMain, runRanks } from '../../helpers/mpi.js';
import { Program, project } from '../../helpers/programs.js';

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
	['awaited', 2, each('await recv(source=<other>, tag=ANY_TAG)')],
	['awaited-and-blocked', 2, [/rank 0 waits in await recv\(source=1, tag=4\) at /, /rank 1 waits in Recv\(source=0, tag=5\) at /]],
	['awaited-by-a-function', 2, each('await recv(source=<other>, tag=6)')],
	['all-awaited', 2, [/rank 0 waits in await (?=.*recv\(source=1, tag=1\) at )(?=.*recv\(source=1, tag=2\) at )/, /rank 1 has ended/]],
	['first-awaited', 2, [/rank 0 waits in await (?=.*recv\(source=1, tag=1\) at )(?=.*recv\(source=1, tag=2\) at )/, /rank 1 has ended/]],
	['awaited-send', 2, [/rank 0 waits in await send\(dest=1, tag=8\) at /, /rank 1 has ended/]],
	['awaited-collective', 2, [/rank 0 waits in await Iallreduce\(\) at /, /rank 1 has ended/]],
	['awaited-barrier', 3, [/rank 1 waits in await Ibarrier\(\) at /, /rank 2 waits in await Ibarrier\(\) at /, /rank 0 has ended/]],
	['awaited-beside-a-wait', 2, each('Recv(source=<other>, tag=3)')],
	['buffers', 2, each('Recv(source=<other>, tag=2)')],
	['synchronous-buffers', 2, each('Ssend(dest=<other>, tag=2)')],
	['exchange', 2, each('Sendrecv(dest=<other>, tag=1)')],
	['values-exchange', 2, each('sendrecv(source=<other>, tag=2)')],
	['request-of-a-value', 2, each('wait(source=<other>, tag=4)')],
	['request-of-a-send', 2, each('Wait(dest=<other>, tag=4)')],
	['some', 2, [/rank 0 waits in Waitsome\(recv\(source=1, tag=1\) or recv\(source=1, tag=2\)\) at /, /rank 1 has ended/]],
	['matched-probe', 2, each('Mprobe(source=<other>, tag=5)')],
	['orders', 2, each('Barrier()')],
	['collective-and-message', 2, [/rank 0 waits in bcast\(\) at /, /rank 1 waits in recv\(source=0, tag=1\) at /]],
	['reduction', 2, [/rank 0 waits in Allreduce\(\) at /, /rank 1 has ended/]],
	['gathering', 2, [/rank 0 waits in gather\(\) at /, /rank 1 has ended/]],
	['duplicating', 2, [/rank 0 waits in Dup\(\) at /, /rank 1 waits in recv\(source=0, tag=1\) at /]],
	['window-lock', 2, [/rank 0 waits in recv\(source=1, tag=1\) at /, /rank 1 waits in Lock\(lock of rank 0's part of a window\) at /]],
	['window-fence', 2, [/rank 0 waits in Fence\(\) at /, /rank 1 waits in recv\(source=0, tag=1\) at /]],
	['window-epochs', 2, [/rank 0 waits in Wait\(.+\) at /, /rank 1 waits in Wait\(.+\) at /]],
	['intercommunicator', 2, each('recv(source=0, tag=3)')],
	['intercommunicator-barrier', 2, [/rank 0 waits in Barrier\(\) at /, /rank 1 waits in recv\(source=0, tag=3\) at /]],
	['several', 2, [/rank 0 waits in waitany\(recv\(source=1, tag=1\) or recv\(source=1, tag=2\)\) at .*stuck\.js:\d+/, /rank 1 has ended/]],
	['behind', 2, [/rank 0 waits in recv\(source=1, tag=2\) at .*stuck\.js:\d+/, /rank 1 waits in Recv\(source=0, tag=3\) at .*stuck\.js:\d+/]],
	['unsent', 2, [/rank 0 waits in Finalize\(messages that it has sent\)/, /rank 1 has ended/]],
	['probe', 2, [/rank 0 waits in probe\(source=1, tag=3\)/, /rank 1 waits in recv\(source=0/]],
];

/** Both ranks, `<other>` being the other one. */
function each(text: string): RegExp[] {
	return [0, 1].map((rank) => {
		const own = text.replaceAll('<other>', String(1 - rank)).replaceAll(/[()]/g, String.raw`\$&`);
		return new RegExp(`rank ${rank} waits in ${own} at .*stuck\\.js:\\d+$`, 'm');
	});
}

const source = readFileSync(join(import.meta.dirname, '../programs/stuck.js'), 'utf8').split('\n');

/** Where a rank is said to wait stands what it is said to wait in. */
function checkPlaces(report: string): void {
	for (const line of report.split('\n').slice(1)) {
		const names = line.replace(/^ *rank \d+ waits in /, '').match(/(?<=^|await |, |or )\w+(?=\()/g) ?? [];
		for (const [, at] of line.matchAll(/stuck\.js:(\d+)/g)) {
			const there = source[Number(at) - 1]!.toLowerCase();
			assert.ok(
				names.some((name) => there.includes(name.toLowerCase())),
				`${line}: ${there}`,
			);
		}
	}
}

for (const [way, n, lines] of cases) {
	test(`${way}, on ${n} ranks`, async () => {
		const { code, stdout, stderr } = await runRanks(n, 'stuck', { args: [way] });
		assert.equal(code, 1, stderr + stdout);
		assert.match(stderr, /^nprocs mpiexec: deadlock/);
		for (const line of lines) assert.match(stderr, line);
		checkPlaces(stderr);
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

for (const from of ['process', 'thread', 'socket']) {
	test(`a rank that awaits a message, and something from a ${from} that makes it go on, is no deadlock`, async () => {
		const { code, lines, stderr } = await runRanks(2, 'elsewhere', { args: [from] });
		assert.deepEqual([code, stderr, lines], [0, '', [`answer to ${from}`]]);
	});
}

// What follows waits for longer than it takes to tell a deadlock.
for (const way of ['computes', 'timer', 'child', 'child-of-node', 'child-queue', 'accept', 'file', 'changed']) {
	test(`a rank that others wait for is busy otherwise: ${way}`, async () => {
		const { code, stderr, lines } = await runRanks(3, 'alive', { args: [way] });
		assert.deepEqual([code, stderr, lines], [0, '', ['0 done', '1 done', '2 done']]);
	});
}

for (const way of ['stdin', 'readline', 'http']) {
	test(`a rank may be told to go on from outside: ${way}`, async () => {
		const job = new Program([launcherMain, 'mpiexec', '-n', '3', join(import.meta.dirname, '../programs/alive.js'), way], { stdin: 'pipe' });
		const said = await job.line();
		await new Promise((resolve) => setTimeout(resolve, 1500));
		if (way === 'http') await fetch(`http://127.0.0.1:${said}/`);
		else job.child.stdin!.write('go on\n');
		assert.deepEqual([await job.line(), await job.line(), await job.line()].sort(), ['0 done', '1 done', '2 done']);
		job.child.stdin!.end();
		assert.deepEqual([await job.end(), job.stderr], [0, '']);
	});
}
