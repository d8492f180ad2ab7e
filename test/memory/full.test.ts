/**
 * A small, a full and a read-only /dev/shm: errors at the call, never a crash. In a mount namespace of its own, where
 * that is allowed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const library = new URL('../../../dist/index.js', import.meta.url).href;
const inNamespace = (mount: string, program: string): { stdout: string; stderr: string; status: number | null } =>
	spawnSync(
		'unshare',
		[
			'-m',
			'sh',
			'-c',
			`mount -t tmpfs -o ${mount} none /dev/shm && exec "$0" --input-type=module -e "$1"`,
			process.execPath,
			`import * as lib from '${library}';${program}`,
		],
		{
			encoding: 'utf8',
		},
	);
const skip = spawnSync('unshare', ['-m', 'true']).status !== 0 && 'mount namespaces are not allowed here';

test('a full /dev/shm is an error that says so, and what was there works on', { skip }, () => {
	const { stdout, stderr, status } = inNamespace(
		'size=1m',
		`
		const lock = new lib.Lock();
		const blocks = [];
		try {
			for (;;) blocks.push(new lib.SharedMemory({ create: true, size: 65536 }));
		} catch (error) {
			console.log(error.code, error.message);
		}
		for (const make of [() => new lib.SharedArray(Float64Array, 1e6), () => new lib.Value('int32'), () => new lib.Barrier(2)]) {
			try {
				make();
				console.log('made');
			} catch (error) {
				console.log(error.code);
			}
		}
		for (const block of blocks) new Uint8Array(block.buffer).fill(1);
		console.log(lock.acquireSync(), await lock.acquire(1));
		for (const block of blocks) block.close();
		new lib.SharedMemory({ create: true, size: 65536 }).close();
		console.log('room again');`,
	);
	assert.equal(stderr, '');
	const lines = stdout.trim().split('\n');
	assert.match(lines[0]!, /^ERR_NPROCS_NO_SPACE Cannot create .*\/dev\/shm is full.*npx nprocs gc/);
	assert.equal(lines[1], 'ERR_NPROCS_NO_SPACE');
	assert.deepEqual(lines.slice(-2), ['true false', 'room again']);
	assert.equal(status, 0);
});

test('a read-only /dev/shm is an error that says so', { skip }, () => {
	const { stdout, stderr } = inNamespace('ro', `try { new lib.Lock(); } catch (error) { console.log(error.code, error.message); }`);
	assert.equal(stderr, '');
	assert.match(stdout, /^ERR_NPROCS_NO_ACCESS Cannot create a \w+ .*read-only/);
});
