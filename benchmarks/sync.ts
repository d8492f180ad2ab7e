/** Locks, events, barriers and shared memory, against Python's in the same run. */
import { SharedArray, SharedMemory, Barrier, Event, Lock, Process, RLock, Semaphore, isMain } from 'nprocs';
import { each, micro, milliseconds, python, question, type Contender } from './harness.ts';

const handOvers = 5000;
const rounds = 1000;

/** Takes what the other gives, and gives what the other takes. */
export function pong(mine: Lock, other: Lock, times: number): void {
	for (let i = 0; i < times; i++) {
		mine.acquireSync();
		other.release();
	}
}

export async function pongAsync(mine: Lock, other: Lock, times: number): Promise<void> {
	for (let i = 0; i < times; i++) {
		await mine.acquire();
		other.release();
	}
}

export function answer(asked: Event, answered: Event, times: number): void {
	for (let i = 0; i < times; i++) {
		asked.waitSync();
		asked.clear();
		answered.set();
	}
}

export function meet(barrier: Barrier, times: number): void {
	for (let i = 0; i <= times; i++) barrier.waitSync();
}

/** Of two processes that hand a lock to each other: hand-overs per second. */
function handOver(way: 'sync' | 'async'): Contender {
	const isAsync = way === 'async';
	return each(1, async () => {
		const [a, b] = [new Lock(), new Lock()];
		a.acquireSync();
		b.acquireSync();
		const other = isAsync
			? new Process({ target: pongAsync, args: [a, b, handOvers + 1] }).start()
			: new Process({ target: pong, args: [a, b, handOvers + 1] }).start();
		a.release();
		await b.acquire();
		const ms = await milliseconds(async () => {
			for (let i = 0; i < handOvers; i++) {
				a.release();
				if (isAsync) await b.acquire();
				else b.acquireSync();
			}
		});
		await other.join();
		for (const lock of [a, b]) lock.close();
		return (2 * handOvers * 1000) / ms;
	});
}

function eventRound(): Contender {
	return each(1, async () => {
		const [asked, answered] = [new Event(), new Event()];
		const other = new Process({ target: answer, args: [asked, answered, rounds + 1] }).start();
		const round = (): void => {
			asked.set();
			answered.waitSync();
			answered.clear();
		};
		round();
		const ms = await milliseconds(() => {
			for (let i = 0; i < rounds; i++) round();
		});
		await other.join();
		for (const event of [asked, answered]) event.close();
		return (ms * 1000) / rounds;
	});
}

function barrierRound(parties: number): Contender {
	return each(1, async () => {
		const barrier = new Barrier(parties);
		const others = Array.from({ length: parties - 1 }, () => new Process({ target: meet, args: [barrier, rounds] }).start());
		await barrier.wait();
		const ms = await milliseconds(() => {
			for (let i = 0; i < rounds; i++) barrier.waitSync();
		});
		for (const other of others) await other.join();
		barrier.close();
		return (ms * 1000) / rounds;
	});
}

const loop = (make: string): string => `
import json, multiprocessing, time
lock = ${make}
samples = []
for _ in range(20):
    n = 50000
    start = time.perf_counter()
    for _ in range(n):
        lock.acquire()
        lock.release()
    samples.append((time.perf_counter() - start) / n * 1e9)
print(json.dumps(samples))
`;

const pythonHandOver = `
import json, multiprocessing, time
context = multiprocessing.get_context('fork')
n = ${handOvers}
def pong(mine, other, times):
    for _ in range(times):
        mine.acquire()
        other.release()
a, b = context.Lock(), context.Lock()
a.acquire()
b.acquire()
p = context.Process(target=pong, args=(a, b, n + 1))
p.start()
a.release()
b.acquire()
start = time.perf_counter()
for _ in range(n):
    a.release()
    b.acquire()
print(json.dumps([2 * n / (time.perf_counter() - start)]))
p.join()
`;

const pythonEvent = `
import json, multiprocessing, time
context = multiprocessing.get_context('fork')
n = ${rounds}
def answer(asked, answered, times):
    for _ in range(times):
        asked.wait()
        asked.clear()
        answered.set()
asked, answered = context.Event(), context.Event()
p = context.Process(target=answer, args=(asked, answered, n + 1))
p.start()
def round():
    asked.set()
    answered.wait()
    answered.clear()
round()
start = time.perf_counter()
for _ in range(n):
    round()
print(json.dumps([(time.perf_counter() - start) / n * 1e6]))
p.join()
`;

const pythonBarrier = (parties: number): string => `
import json, multiprocessing, time
context = multiprocessing.get_context('fork')
n = ${rounds}
def meet(barrier, times):
    for _ in range(times + 1):
        barrier.wait()
barrier = context.Barrier(${parties})
others = [context.Process(target=meet, args=(barrier, n)) for _ in range(${parties - 1})]
for p in others:
    p.start()
barrier.wait()
start = time.perf_counter()
for _ in range(n):
    barrier.wait()
print(json.dumps([(time.perf_counter() - start) / n * 1e6]))
for p in others:
    p.join()
`;

const pythonAttach = `
import json, time
from multiprocessing import shared_memory, resource_tracker
block = shared_memory.SharedMemory(create=True, size=65536)
samples = []
for _ in range(500):
    start = time.perf_counter()
    same = shared_memory.SharedMemory(name=block.name)
    samples.append((time.perf_counter() - start) * 1e6)
    same.close()
block.unlink()
print(json.dumps(samples))
`;

async function main(): Promise<void> {
	const [lock, rlock, semaphore] = [new Lock(), new RLock(), new Semaphore()];
	const pair = (object: { acquireSync(): boolean; release(): void }) => (): void => {
		object.acquireSync();
		object.release();
	};
	const pairAsync = (object: { acquire(): Promise<boolean>; release(): void }) => async (): Promise<void> => {
		await object.acquire();
		object.release();
	};
	await question(
		'Uncontended acquireSync + release',
		{ unit: 'ns', better: 'lower', ours: 'Lock', aim: 'at most 60 ns' },
		{
			Lock: micro(pair(lock)),
			RLock: micro(pair(rlock)),
			Semaphore: micro(pair(semaphore)),
			'Python Lock': python(loop('multiprocessing.Lock()')),
			'Python RLock': python(loop('multiprocessing.RLock()')),
			'Python Semaphore': python(loop('multiprocessing.Semaphore()')),
		},
	);
	await question(
		'Uncontended await acquire + release',
		{ unit: 'ns', better: 'lower', ours: 'Lock', aim: 'at most 1000 ns' },
		{
			Lock: micro(pairAsync(lock)),
			RLock: micro(pairAsync(rlock)),
			Semaphore: micro(pairAsync(semaphore)),
		},
	);
	for (const object of [lock, rlock, semaphore]) object.close();
	await question(
		'Two processes hand a lock to each other',
		{ unit: 'hand-overs/s', better: 'higher', ours: 'Lock, sync', aim: 'at least as many as Python' },
		{
			'Lock, sync': handOver('sync'),
			'Lock, async': handOver('async'),
			'Python Lock': python(pythonHandOver),
		},
	);
	await question(
		'A round of two Events between two processes',
		{ unit: 'µs', better: 'lower', ours: 'Event' },
		{ Event: eventRound(), 'Python Event': python(pythonEvent) },
	);
	for (const parties of [2, 8]) {
		await question(
			`A round of a Barrier of ${parties} processes`,
			{ unit: 'µs', better: 'lower', ours: 'Barrier' },
			{
				Barrier: barrierRound(parties),
				'Python Barrier': python(pythonBarrier(parties)),
			},
		);
	}
	await sharedMemory();
}

async function sharedMemory(): Promise<void> {
	const length = 100_000;
	const shared = new SharedArray(Float64Array, length);
	const sum = (array: Float64Array) => (): number => {
		let total = 0;
		for (let i = 0; i < array.length; i++) total += array[i]!;
		return total;
	};
	await question(
		'Sum of 100,000 numbers, per number',
		{ unit: 'ns', better: 'lower', ours: 'SharedArray', aim: 'as fast as an ordinary typed array' },
		{
			SharedArray: micro(sum(shared.array), { perCall: length }),
			Float64Array: micro(sum(new Float64Array(length)), { perCall: length }),
		},
	);
	shared.close();
	const block = new SharedMemory({ create: true, size: 65536 });
	const attach = each(500, async () => {
		let same: SharedMemory | undefined;
		const ms = await milliseconds(() => (same = new SharedMemory({ name: block.name })));
		same?.close();
		return ms * 1000;
	});
	await question(
		'Attaching to a block of 64 KiB',
		{ unit: 'µs', better: 'lower', ours: 'SharedMemory', aim: 'at most 50 µs' },
		{ SharedMemory: attach, Python: python(pythonAttach) },
	);
	block.close();
}

if (isMain(import.meta)) await main();
