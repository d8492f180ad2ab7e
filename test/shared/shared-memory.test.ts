/** SharedMemory, ShareableList, SharedMemoryManager; also with Python on the other side. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { ClosedError, ShareableList, SharedMemory, SharedMemoryManager, type ShareableItem } from 'nprocs';
import { toHandle, openHandle } from '#nprocs/codec/handle.js';
import { collectGarbage } from '#nprocs/memory/janitor.js';
import { Segment } from '#nprocs/memory/segment.js';
import { retainAll } from '#nprocs/memory/in-flight.js';
import { Actor } from '../helpers/actor.js';

const mark = `${process.env['NPROCS_NAMESPACE'] ?? 'x'}-${process.pid}`;
const exists = (name: string): boolean => existsSync(`/dev/shm/${name}`);
const invalid = { code: 'ERR_NPROCS_INVALID_ARG' };
after(() => Actor.killAll());

test('a named block: create, open, unlink', () => {
	const name = `block-${mark}`;
	const one = new SharedMemory({ name, create: true, size: 512 });
	assert.equal(one.name, name);
	assert.equal(one.size, 512);
	assert.equal(inspect(one), `SharedMemory('${name}', size=512)`);
	const two = new SharedMemory({ name, size: 20 * 512 });
	assert.equal(two.size, 512, 'the size of an existing block is ignored');
	new Uint8Array(one.buffer)[3] = 42;
	assert.equal(new Uint8Array(two.buffer)[3], 42);
	assert.throws(() => new SharedMemory({ name, create: true, size: 1 }), { code: 'ERR_NPROCS_EXISTS' });
	one.close();
	one.close();
	two.close();
	assert.throws(() => one.buffer, ClosedError);
	assert.ok(exists(name), 'it stays until unlink()');
	two.unlink();
	assert.ok(!exists(name));
	assert.throws(() => two.unlink(), { code: 'ERR_NPROCS_NOT_FOUND' });
	assert.throws(() => new SharedMemory({ name }), { code: 'ERR_NPROCS_NOT_FOUND' });
});

test('bad arguments', () => {
	for (const size of [-1, 0, undefined, 1.5, Number.NaN]) assert.throws(() => new SharedMemory({ create: true, size }), invalid);
	assert.throws(() => new SharedMemory(), invalid);
	assert.throws(() => new SharedMemory({ size: 5 }), invalid);
	for (const name of ['', 'a/b', 'a\0b', 5 as unknown as string]) assert.throws(() => new SharedMemory({ name, create: true, size: 1 }), invalid);
	assert.throws(() => new SharedMemory({ create: true, size: 2 ** 50 }), { code: 'ERR_NPROCS_NO_SPACE' });
});

test('a block without a name lives while anybody has it or a message carries it', async () => {
	const other = new Actor();
	const block = new SharedMemory({ create: true, size: 100 });
	await other.open({ block });
	block.close();
	assert.ok(exists(block.name));
	collectGarbage();
	assert.ok(exists(block.name));
	using channel = Segment.create({ kind: 'Channel', size: 0 });
	const second = new SharedMemory({ create: true, size: 8 });
	new Uint8Array(second.buffer)[0] = 7;
	const handle = second[toHandle]();
	retainAll([handle], channel.name);
	second.close();
	collectGarbage();
	using again = openHandle(handle) as SharedMemory;
	assert.equal(new Uint8Array(again.buffer)[0], 7);
	await other.call('closeObject', 'block');
	assert.ok(!exists(block.name));
	assert.throws(() => new SharedMemory({ name: block.name }), { code: 'ERR_NPROCS_NOT_FOUND' });
});

test('a block without a name is freed by a normal end, and after SIGKILL by the next sweep', async () => {
	for (const end of ['end', 'kill'] as const) {
		const other = new Actor();
		const name = await other.call<string>('createBlock', 64);
		assert.ok(exists(name));
		await other[end]();
		if (end === 'kill') collectGarbage();
		assert.ok(!exists(name), end);
	}
});

test('a handle of a dead block is an error', () => {
	const block = new SharedMemory({ create: true, size: 8 });
	const handle = block[toHandle]();
	block.close();
	assert.throws(() => openHandle(handle), { code: 'ERR_NPROCS_NOT_FOUND' });
});

const sample: ShareableItem[] = ['howdy', new TextEncoder().encode('HoWdY'), -273.154, 100, null, true, 42];

test("ShareableList: Python's example", () => {
	using list = new ShareableList(sample);
	assert.equal(list.length, 7);
	assert.deepEqual([...list], sample);
	assert.equal(list.format, '8s8sdqxxxxxx?xxxxxxxx?q');
	assert.equal(list[0], 'howdy');
	assert.equal(list.get(-2), true);
	assert.equal(list.index(100), 3);
	assert.throws(() => list.index('100'), invalid);
	assert.equal(list.indexOf('100'), -1);
	assert.throws(() => list[7], RangeError);
	assert.throws(() => list.get(-8), RangeError);
	assert.throws(() => (list[7] = 2), RangeError);
	list[3] = 42;
	list[4] = 'some';
	assert.equal(list.format, '8s8sdq8sxxxxxxx?q');
	assert.equal(list.count(42), 2);
	assert.equal(list.count('some'), 1);
	assert.equal(list.count('x'), 0);
	assert.throws(() => (list[4] = 'far too many'), invalid);
	list[0] = '\u00ef'.repeat(4);
	assert.equal(list[0], '\u00ef'.repeat(4));
	assert.throws(() => (list[0] = `${'\u00ef'.repeat(4)}x`), invalid);
	assert.throws(() => (list[1] = new Uint8Array(9)), invalid);
	assert.deepEqual(list[1], sample[1], 'neighbours are untouched');
	assert.match(inspect(list), /^ShareableList\(\[\s+'.{4}'/);
	using empty = new ShareableList([]);
	assert.deepEqual([empty.length, empty.format, empty.count(1)], [0, '', 0]);
});

test("ShareableList keeps what Python's loses, and says what it cannot take", () => {
	const values = [
		'ends in zeros\0\0',
		new Uint8Array([1, 0, 0]),
		'',
		2 ** 53 - 1,
		-(2n ** 63n),
		2n ** 63n - 1n,
		-0,
		Number.NaN,
		Infinity,
		0.1,
		false,
	];
	using list = new ShareableList(values);
	assert.deepEqual([...list], values);
	for (const bad of [2n ** 63n, undefined, {}, Symbol('x')]) assert.throws(() => new ShareableList([bad as never]), invalid);
	using none = new ShareableList();
	assert.deepEqual([...none], []);
	const texts = ['\ufeffbegins with a mark', 'half \ud83d', '\udc00\ud800', 'whole \u{1f600}', '\ufeff'];
	using odd = new ShareableList([...texts]);
	assert.deepEqual([...odd], texts);
	odd[3] = 'x\ud800';
	assert.equal(odd.get(-2), 'x\ud800');
	odd.close();
	for (const use of [() => odd[0], () => odd.set(0, 'a'), () => [...odd], () => odd.format]) assert.throws(use, ClosedError);
	using noise = new SharedMemory({ create: true, size: 64 });
	new Uint8Array(noise.buffer).fill(255);
	assert.throws(() => new ShareableList(null, { name: noise.name }), { code: 'ERR_NPROCS_BAD_SEGMENT' });
	new Uint32Array(noise.buffer)[0] = 1;
	using broken = new ShareableList(null, { name: noise.name });
	assert.throws(() => broken[0], { code: 'ERR_NPROCS_BAD_SEGMENT' });
	using tiny = new SharedMemory({ create: true, size: 2 });
	assert.throws(() => new ShareableList(null, { name: tiny.name }), { code: 'ERR_NPROCS_BAD_SEGMENT' });
});

test('ShareableList across processes, by handle and by name', async () => {
	const name = `list-${mark}`;
	using list = new ShareableList([1, 'two', null], { name });
	const other = new Actor();
	await other.open({ list });
	await other.invoke('list', 'set', 2, true);
	assert.equal(list[2], true);
	using same = new ShareableList(null, { name });
	same[0] = 5;
	assert.equal(await other.invoke('list', 'get', 0), 5);
	list.shm.unlink();
	assert.throws(() => new ShareableList(null, { name }), { code: 'ERR_NPROCS_NOT_FOUND' });
});

test('SharedMemoryManager frees all at shutdown', async () => {
	const manager = new SharedMemoryManager();
	assert.throws(() => manager.SharedMemory(32), { code: 'ERR_NPROCS_MANAGER_STATE' });
	await manager.start();
	const block = manager.SharedMemory(32);
	const list = manager.ShareableList([1, 2, 3, 4, 5]);
	assert.equal(new SharedMemory({ name: block.name }).size, 32);
	block.close();
	{
		using same = new ShareableList(null, { name: list.shm.name });
		assert.equal(same.length, 5);
	}
	await manager.shutdown();
	await manager.shutdown();
	for (const name of [block.name, list.shm.name]) assert.throws(() => new SharedMemory({ name }), { code: 'ERR_NPROCS_NOT_FOUND' });
	assert.throws(() => manager.SharedMemory(32), { code: 'ERR_NPROCS_MANAGER_STATE' });
	const scoped = await new SharedMemoryManager().start();
	const { name } = scoped.SharedMemory(8);
	assert.ok(exists(name));
	scoped[Symbol.dispose]();
	assert.ok(!exists(name));
});

const python = ['python3'].find((command) => spawnSync(command, ['-c', 'import multiprocessing.shared_memory']).status === 0);
const blocks = (): string[] => readdirSync('/dev/shm').filter((name) => name.includes(mark) || name.startsWith('psm_'));

test('Python opens our block, writes, and closes it', { skip: python === undefined && 'no python3' }, () => {
	const name = `python-${mark}`;
	using block = new SharedMemory({ name, create: true, size: 1000 });
	new Uint8Array(block.buffer).set([1, 2, 3]);
	const program = `
from multiprocessing import shared_memory, resource_tracker
block = shared_memory.SharedMemory(name=${JSON.stringify(name)})
resource_tracker.unregister(block._name, 'shared_memory')  # before 3.13, attaching would make Python unlink it
print(block.size, bytes(block.buf[:3]))
block.buf[10] = 99
block.close()
`;
	const { stdout, stderr } = spawnSync(python!, ['-c', program], { encoding: 'utf8' });
	assert.equal(stderr, '');
	assert.equal(stdout, "1000 b'\\x01\\x02\\x03'\n");
	assert.equal(new Uint8Array(block.buffer)[10], 99);
	assert.ok(exists(name));
	block.unlink();
});

test("we open Python's block, and nothing is left on either side", { skip: python === undefined && 'no python3' }, async () => {
	const before = blocks();
	const program = `
from multiprocessing import shared_memory
import sys
block = shared_memory.SharedMemory(create=True, size=64)
block.buf[0] = 5
print(block.name, flush=True)
sys.stdin.readline()
print(block.buf[1], flush=True)
block.close()
block.unlink()
`;
	const child = spawn(python!, ['-c', program]);
	const errors: Buffer[] = [];
	child.stderr.on('data', (data: Buffer) => errors.push(data));
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const block = new SharedMemory({ name: (await lines.next()).value! });
	assert.equal(block.size, 64);
	assert.equal(new Uint8Array(block.buffer)[0], 5);
	new Uint8Array(block.buffer)[1] = 77;
	block.close();
	child.stdin.end('\n');
	const closed = once(child, 'close');
	assert.equal((await lines.next()).value, '77');
	await closed;
	assert.equal(Buffer.concat(errors).toString(), '');
	assert.deepEqual(blocks(), before);
});

test('NumPy over our block', { skip: (python === undefined || spawnSync(python, ['-c', 'import numpy']).status !== 0) && 'no numpy' }, () => {
	const name = `numpy-${mark}`;
	using block = new SharedMemory({ name, create: true, size: 8 * 1000 });
	new Float64Array(block.buffer).forEach((_, i, array) => (array[i] = i));
	const program = `
from multiprocessing import shared_memory, resource_tracker
import numpy
block = shared_memory.SharedMemory(name=${JSON.stringify(name)})
resource_tracker.unregister(block._name, 'shared_memory')
array = numpy.ndarray((1000,), dtype='float64', buffer=block.buf)
print(int(array.sum()))
array *= 2
del array
block.close()
`;
	assert.equal(execFileSync(python!, ['-c', program], { encoding: 'utf8' }), '499500\n');
	assert.equal(new Float64Array(block.buffer)[999], 1998);
	block.unlink();
});

test('close() then unlink() ends a block of either kind; a second unlink() is an error', () => {
	for (const name of [undefined, `closed${process.pid}`]) {
		const block = new SharedMemory({ create: true, size: 64, ...(name !== undefined && { name }) });
		block.close();
		block.unlink();
		assert.throws(() => block.unlink(), { code: 'ERR_NPROCS_NOT_FOUND' });
	}
});
