/**
 * Windows at the seam, on every rank of a job. The argument says whose memory they are of: `allocate` the engine's,
 * `create` the program's. Prints `ok` when all is as it should be.
 */
import assert from 'node:assert/strict';
import { startEngine } from '#nprocs/mpi/choose-engine.js';
import { COMBINER_VECTOR, ERR_OP, ERR_RMA_RANGE, LOCK_EXCLUSIVE, LOCK_SHARED, PROC_NULL, SUCCESS } from '#nprocs/mpi/constants.js';
import { COMM_WORLD_HANDLE, opHandles } from '#nprocs/mpi/handles.js';

const [INT, DOUBLE] = [9, 16] as const;
const flavor = process.argv[2];
const engine = startEngine();
const { rank, worldRanks } = engine.describeComm(COMM_WORLD_HANDLE);
const size = worldRanks.length;
const world = COMM_WORLD_HANDLE;
const { blocking } = engine;

function ok(code: number): void {
	assert.equal(code, SUCCESS, engine.errorString(Math.abs(code)));
}

/** A window of 32-bit integers, which are 0. MPICH 4.0 goes astray where a part is no multiple of 32 bytes. */
function makeWindow(length: number): { win: number; memory: Int32Array } {
	if (flavor === 'create') {
		const memory = new Int32Array(length);
		ok(engine.winCreate(memory, 4, [], world));
		return { win: engine.out[0]!, memory };
	}
	ok(engine.winAllocate(engine.name === 'mpich' ? Math.ceil(length / 16) * 64 : length * 4, 4, [], world));
	const win = engine.out[0]!;
	const memory = new Int32Array(engine.winMemory(win), 0, length);
	memory.fill(0);
	ok(blocking.barrier(world));
	return { win, memory };
}

function fences(): void {
	const { win, memory } = makeWindow(2 * size);
	for (let pass = 1; pass <= 20; pass++) {
		ok(engine.fence(0, win));
		for (let target = 0; target < size; target++) ok(engine.put(Int32Array.of(pass * 1000 + rank), 1, INT, target, rank, 1, INT, win));
		ok(engine.put(Int32Array.of(5), 1, INT, PROC_NULL, 0, 1, INT, win));
		ok(engine.fence(0, win));
		for (let origin = 0; origin < size; origin++) assert.equal(memory[origin], pass * 1000 + origin);
		const got = new Int32Array(size * size);
		for (let target = 0; target < size; target++)
			ok(engine.get(got.subarray(target * size, (target + 1) * size), size, INT, target, 0, size, INT, win));
		ok(engine.fence(0, win));
		for (let i = 0; i < size * size; i++) assert.equal(got[i], pass * 1000 + (i % size));
	}
	ok(engine.winFree(win));
}

function accumulating(): void {
	const { win, memory } = makeWindow(3000);
	ok(engine.fence(0, win));
	const ones = new Int32Array(3000).map((_, i) => i);
	for (let pass = 0; pass < 10; pass++) {
		for (let target = 0; target < size; target++) ok(engine.accumulate(ones, 3000, INT, target, 0, 3000, INT, opHandles.SUM, win));
	}
	ok(engine.fence(0, win));
	assert.ok(memory.every((value, i) => value === 10 * size * i));
	ok(engine.fence(0, win));
	ok(engine.accumulate(Int32Array.of(rank), 1, INT, 0, 7, 1, INT, opHandles.REPLACE, win));
	ok(engine.fence(0, win));
	if (rank === 0) assert.ok(memory[7]! >= 0 && memory[7]! < size);
	ok(engine.winFree(win));
}

function counting(): void {
	const { win, memory } = makeWindow(2);
	const each = 300;
	const seen = new Int32Array(each);
	ok(engine.lockAll(0, win));
	for (let i = 0; i < each; i++) {
		ok(engine.fetchAndOp(Int32Array.of(1), seen.subarray(i, i + 1), INT, 0, 0, opHandles.SUM, win));
		ok(engine.flush(0, win));
	}
	const old = new Int32Array(1);
	for (let i = 0; i < each; i++) {
		let expected = 0;
		for (;;) {
			ok(engine.compareAndSwap(Int32Array.of(expected + 1), Int32Array.of(expected), old, INT, 0, 1, win));
			ok(engine.flush(0, win));
			if (old[0] === expected) break;
			expected = old[0]!;
		}
	}
	ok(engine.unlockAll(win));
	const all = new Int32Array(each * size);
	ok(blocking.allgather(seen, each, INT, all, each, INT, world));
	assert.deepEqual(
		[...all].sort((a, b) => a - b),
		Array.from({ length: each * size }, (_, i) => i),
	);
	ok(engine.lock(LOCK_SHARED, 0, 0, win));
	ok(engine.getAccumulate(null, 0, INT, old, 1, INT, 0, 1, 1, INT, opHandles.NO_OP, win));
	ok(engine.unlock(0, win));
	assert.equal(old[0], each * size);
	ok(engine.winFree(win));
	void memory;
}

function excluding(): void {
	const { win, memory } = makeWindow(1);
	const value = new Int32Array(1);
	const last = size - 1;
	for (let i = 0; i < 100; i++) {
		ok(engine.lock(LOCK_EXCLUSIVE, last, 0, win));
		ok(engine.get(value, 1, INT, last, 0, 1, INT, win));
		ok(engine.flush(last, win));
		value[0]!++;
		ok(engine.put(value, 1, INT, last, 0, 1, INT, win));
		ok(engine.unlock(last, win));
	}
	ok(blocking.barrier(world));
	if (rank === last) assert.equal(memory[0], 100 * size);
	ok(engine.winFree(win));
}

function posting(): void {
	const { win, memory } = makeWindow(4);
	const [left, right] = [(rank - 1 + size) % size, (rank + 1) % size];
	for (let pass = 1; pass <= 50; pass++) {
		ok(engine.post(Int32Array.of(left), 0, win));
		ok(engine.startAccess(Int32Array.of(right), 0, win));
		ok(engine.put(Int32Array.of(pass * 100 + rank), 1, INT, right, pass % 4, 1, INT, win));
		ok(engine.completeAccess(win));
		if (pass % 2 === 0) ok(engine.waitExposure(win));
		else {
			do ok(engine.testExposure(win));
			while (engine.out[0] === 0);
		}
		assert.equal(memory[pass % 4], pass * 100 + left);
	}
	ok(engine.winFree(win));
}

function sharing(): void {
	const own = rank === 0 ? 0 : 16 * rank;
	ok(engine.winAllocateShared(own, 4, [], world));
	const win = engine.out[0]!;
	const mine = new Int32Array(engine.winMemory(win), 0, own / 4);
	mine.fill(rank);
	ok(engine.fence(0, win));
	for (let other = 1; other < size; other++) {
		const theirs = new Int32Array(engine.winSharedQuery(win, other), 0, 4 * other);
		assert.ok(theirs.every((value) => value === other));
		theirs[0] = other;
		assert.equal(engine.out[0], 4);
	}
	if (size > 1) assert.equal(new Int32Array(engine.winSharedQuery(win, PROC_NULL))[0], 1);
	ok(engine.fence(0, win));
	ok(engine.winFree(win));
}

function derived(): void {
	const { win, memory } = makeWindow(12);
	memory.fill(-1);
	ok(engine.typeCreate(COMBINER_VECTOR, [3, 1, 4], [], [INT]));
	const vector = engine.out[0]!;
	ok(engine.typeCommit(vector));
	ok(engine.fence(0, win));
	const target = (rank + 1) % size;
	ok(engine.put(Int32Array.of(rank, rank + 1, rank + 2), 3, INT, target, 1, 1, vector, win));
	ok(engine.fence(0, win));
	ok(engine.accumulate(Int32Array.of(10, 20, 30), 3, INT, target, 1, 1, vector, opHandles.SUM, win));
	ok(engine.fence(0, win));
	const from = (rank - 1 + size) % size;
	assert.deepEqual([...memory], [-1, from + 10, -1, -1, -1, from + 21, -1, -1, -1, from + 32, -1, -1]);
	const back = new Int32Array(12).fill(-2);
	ok(engine.get(back, 1, vector, target, 1, 1, vector, win));
	ok(engine.fence(0, win));
	assert.deepEqual(
		[...back].filter((value) => value !== -2),
		[rank + 10, rank + 21, rank + 32],
	);
	ok(engine.typeFree(vector));
	ok(engine.winFree(win));
}

function requests(): void {
	const { win, memory } = makeWindow(size);
	const got = new Int32Array(1);
	ok(engine.lockAll(0, win));
	const target = (rank + 1) % size;
	const put = engine.rput(Int32Array.of(rank + 50), 1, INT, target, rank, 1, INT, win);
	assert.ok(put >= 0);
	ok(engine.wait(put));
	ok(engine.flush(target, win));
	const get = engine.rget(got, 1, INT, target, rank, 1, INT, win);
	ok(engine.wait(get));
	assert.equal(got[0], rank + 50);
	const added = engine.rgetAccumulate(Int32Array.of(1), 1, INT, got, 1, INT, target, rank, 1, INT, opHandles.SUM, win);
	ok(engine.wait(added));
	assert.equal(got[0], rank + 50);
	ok(engine.wait(engine.raccumulate(Int32Array.of(1), 1, INT, target, rank, 1, INT, opHandles.SUM, win)));
	ok(engine.unlockAll(win));
	ok(blocking.barrier(world));
	const from = (rank - 1 + size) % size;
	assert.equal(memory[from], from + 52);
	ok(engine.winFree(win));
}

/** What lies outside of the window, and operations that are not defined; real engines do not look. */
function mistakes(): void {
	const { win, memory } = makeWindow(4);
	memory.fill(3);
	ok(engine.fence(0, win));
	const target = (rank + 1) % size;
	const fails = (code: number): number => code || engine.fence(0, win);
	const all = (code: number): void => {
		const now = fails(code);
		if (code !== SUCCESS) ok(engine.fence(0, win));
		codes.push(now);
	};
	const codes: number[] = [];
	all(engine.put(new Int32Array(5), 5, INT, target, 0, 5, INT, win));
	all(engine.put(new Int32Array(1), 1, INT, target, 4, 1, INT, win));
	all(engine.get(new Int32Array(2), 2, INT, target, 3, 2, INT, win));
	all(engine.accumulate(new Float64Array(1), 1, DOUBLE, target, 0, 1, DOUBLE, opHandles.BAND, win));
	assert.deepEqual(codes, [ERR_RMA_RANGE, ERR_RMA_RANGE, ERR_RMA_RANGE, ERR_OP]);
	assert.deepEqual([...memory], [3, 3, 3, 3]);
	ok(engine.winFree(win));
}

for (const part of [fences, accumulating, counting, excluding, posting, sharing, derived, requests]) part();
if (engine.name === 'embedded') mistakes();
engine.finalize();
console.log(`ok ${rank}`);
