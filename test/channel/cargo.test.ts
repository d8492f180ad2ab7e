/** The memory of large arrays in a thread whose event loop does not turn. */
import assert from 'node:assert/strict';
import { readFileSync, statfsSync } from 'node:fs';
import { test } from 'node:test';
import { Queue } from 'nprocs';

/** Inodes of the files without a name that are mapped here. */
function mappedFiles(): Set<string> {
	const lines = readFileSync('/proc/self/maps', 'utf8').split('\n');
	return new Set(lines.filter((line) => /\/dev\/shm\/.*\(deleted\)/.test(line)).map((line) => line.split(/ +/)[4]!));
}

const { bavail, bsize } = statfsSync('/dev/shm');
const skip = bavail * bsize < 2 ** 31 && '/dev/shm has less than 2 GiB';

test('large arrays do not fill the memory of a thread that only makes blocking calls', { skip }, async () => {
	const queue = new Queue<Float64Array>();
	const array = new Float64Array(2 ** 21);
	const pass = (i: number): Float64Array => {
		array[0] = i;
		array[array.length - 1] = -i;
		queue.putSync(array);
		const got = queue.getSync();
		assert.deepEqual([got.length, got[0], got[1], got[got.length - 1]], [array.length, i, 0, -i]);
		got[1] = 5; // it is the receiver's own
		return got;
	};
	queue.putSync(new Float64Array(1)); // opens all that it needs
	queue.getSync();
	const before = mappedFiles().size;
	const most = 2 ** 30 / array.byteLength;
	for (let i = 1; i <= most + 16; i++) pass(i);
	assert.equal(mappedFiles().size - before, most);

	// When the event loop has turned, they are mapped again.
	await new Promise((resolve) => setImmediate(resolve));
	const files = mappedFiles();
	const kept = [pass(1000), pass(1001)];
	const added = [...mappedFiles()].filter((file) => !files.has(file));
	assert.equal(added.length, kept.length);
	queue.close();
});
