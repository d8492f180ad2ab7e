/** Uses an executor on the ranks of a job, in the way that the first argument names; prints what came out. */
import { setTimeout as sleep } from 'node:timers/promises';
import { asCompleted, currentTask, inline, isMain, registerClass } from 'nprocs';
import { MPI, MPIPoolExecutor } from 'nprocs/mpi';

let initialized = 'not';

export function initialize(value: string): void {
	initialized = value;
}
export function failToInitialize(): never {
	throw new RangeError('no way');
}
export const state = (): string => initialized;
export const square = (x: number): number => x * x;
export const add = (a: number, b: number): number => a + b;
export const whoAmI = (): number => MPI.COMM_WORLD.rank;
export const half = (array: Float64Array): Float64Array => array.map((x) => x / 2);
export function failing(x: number): number {
	if (x === 3) throw new RangeError(`not ${x}`);
	return x;
}
export function unsendable(): unknown {
	return () => {};
}
/** Can be sent, and is refused where it arrives. */
class Unreadable {}
registerClass(Unreadable, {
	serialize: () => ({}),
	deserialize() {
		throw new RangeError('refused on arrival');
	},
});
export const unreadable = (): unknown => new Unreadable();
export async function slow(ms: number): Promise<number> {
	await sleep(ms);
	return ms;
}
export async function untilAborted(): Promise<string> {
	const { signal } = currentTask()!;
	if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
	return 'aborted';
}
export function reporting(x: number): number {
	currentTask()!.progress(`at ${x}`);
	return currentTask()!.index;
}
/** Blocks its thread. */
function compute(ms: number): void {
	for (const end = Date.now() + ms; Date.now() < end;);
}
export function endless(): void {
	for (;;);
}
export function dieAtFirst(): number {
	const { attempt } = currentTask()!;
	if (attempt === 1) process.kill(process.pid, 'SIGKILL');
	return attempt;
}
const order: unknown[] = [];
export function note(what: unknown): unknown[] {
	compute(50);
	order.push(what);
	return order;
}
export function computeAndDie(): void {
	compute(500);
	process.kill(process.pid, 'SIGKILL');
}
export const ownPid = (): number => process.pid;
/** When whoever waits for it has begun to compute. */
export async function largeLater(length: number): Promise<Float64Array> {
	await sleep(50);
	return new Float64Array(length);
}
export function exitWith(code: number): void {
	process.exit(code);
}
export async function leaveRejected(): Promise<void> {
	void Promise.reject(new Error('on purpose'));
	await new Promise(() => {});
}
export function die(signal: string): void {
	process.kill(process.pid, signal);
}

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
	const list: T[] = [];
	for await (const result of results) list.push(result);
	return list;
}

async function failureOf(promise: PromiseLike<unknown>): Promise<Record<string, unknown>> {
	try {
		return { value: await promise };
	} catch (error) {
		const { name, message, code, signal, exitCode, task } = error as Record<string, unknown>;
		return { name, message: String(message).split('\n', 1)[0], code, signal, exitCode, task };
	}
}

function isRefusedSync(result: { getSync(): unknown }): boolean {
	try {
		return result.getSync() === undefined;
	} catch (error) {
		return String(error).includes('refused on arrival');
	}
}

const numbers = Array.from({ length: 50 }, (_, i) => i);

async function* endlessInput(): AsyncGenerator<number> {
	try {
		for (let i = 0; ; i++) yield i;
	} finally {
		console.log('closed');
	}
}

const ways: Record<string, (executor: MPIPoolExecutor) => unknown> = {
	submit: async (executor) => [await executor.submit(square, 7), await executor.submit(add, 1, 2), executor.submit(square, 8).getSync()],
	map: async (executor) => [
		await all(executor.map(square, numbers)),
		await all(
			executor.starmap(add, [
				[1, 2],
				[3, 4],
			] as [number, number][]),
		),
	],
	unordered: async (executor) => (await all(executor.map(slow, [300, 1], { unordered: true, chunksize: 1 }))).join(),
	chunks: async (executor) => (await all(executor.map(square, numbers, { chunksize: 7 }))).length,
	iterables: async (executor) => {
		const taken: number[] = [];
		for await (const value of executor.map(square, endlessInput())) if (taken.push(value) === 20) break;
		return [taken.length, await all(executor.map(square, new Set([1, 2, 3])))];
	},
	arrays: async (executor) => {
		const array = Float64Array.from({ length: 100_000 }, (_, i) => i);
		const result = await executor.submit(half, array);
		return [result.length, result[99_999]];
	},
	inline: async (executor) => {
		const factor = 3;
		return all(
			executor.map(
				inline((x: number) => x * factor, { factor }),
				[1, 2, 3],
			),
		);
	},
	everywhere: async (executor) => {
		const ranks = new Set(await all(executor.map(whoAmI, numbers, { chunksize: 1 })));
		return [executor.numWorkers, ranks.has(0)];
	},
	errors: async (executor) => [
		await failureOf(executor.submit(failing, 3)),
		await failureOf(all(executor.map(failing, numbers))),
		await failureOf(executor.submit(unsendable)),
		await failureOf(executor.submit(square, (() => {}) as never)),
		await failureOf((async () => executor.submit({ module: import.meta.url.replace('pool.js', 'missing.js'), name: 'x' }))()),
		await executor.submit(square, 2),
	],
	unreadable: async (executor) => {
		const lost = executor.submit(unreadable);
		const others = executor.map(square, numbers);
		const { message } = await failureOf(lost);
		return [
			String(message).includes('refused on arrival'),
			(await all(others)).length,
			isRefusedSync(executor.submit(unreadable)),
			executor.numWorkers,
		];
	},
	completed: async (executor) => {
		const results = [300, 1].map((ms) => executor.submit(slow, ms));
		const order: number[] = [];
		for await (const result of asCompleted(results)) order.push(result.getSync());
		return order;
	},
	progress: async (executor) => {
		const said: string[] = [];
		const onProgress = (value: unknown, index: number): void => void said.push(`${String(value)} ${index}`);
		const indexes = await all(executor.map(reporting, [10, 11, 12], { onProgress, chunksize: 2 }));
		return [indexes, said.sort()];
	},
	cancel: async (executor) => {
		const running = executor.submit(untilAborted);
		await executor.submit(square, 1); // another worker has answered
		const waiting = Array.from({ length: 20 }, () => executor.submit(untilAborted));
		const all = [running, ...waiting].map((result) => failureOf(result));
		for (const result of [running, ...waiting]) result.cancel();
		const names = (await Promise.all(all)).map(({ name }) => name);
		return [new Set(names).size, names[0], await executor.submit(square, 3)];
	},
	signal: async (executor) => {
		const controller = new AbortController();
		const map = executor.map(untilAborted, numbers, { signal: controller.signal });
		setTimeout(() => controller.abort(new Error('enough')), 100);
		return [(await failureOf(all(map)))['message'], await executor.submit(square, 3)];
	},
	shutdown: async (executor) => {
		const results = [1, 2, 3].map((x) => executor.submit(slow, x));
		await executor.shutdown();
		return [
			results.map((result) => result.ready()),
			await failureOf((async () => executor.submit(square, 1))()),
			await failureOf((async () => new MPIPoolExecutor().submit(square, 4))()),
		];
	},
	shutdownCancel: async (executor) => {
		const results = Array.from({ length: 30 }, () => executor.submit(slow, 50));
		const outcomes = Promise.allSettled(results);
		await executor.shutdown({ cancel: true });
		return new Set((await outcomes).map(({ status }) => status)).size;
	},
	death: async (executor) => {
		const lost = await failureOf(executor.submit(die, 'SIGKILL'));
		return [lost, executor.numWorkers, (await all(executor.map(square, numbers))).length];
	},
	exits: async (executor) => {
		const lost = [
			await failureOf(executor.submit(exitWith, 4)),
			await failureOf(executor.submit(exitWith, 0)),
			await failureOf(executor.submit(leaveRejected)),
		];
		return [lost.map(({ code, exitCode }) => [code, exitCode]), await executor.submit(square, 5)];
	},
	allDead: async (executor) => {
		const outcomes: unknown[] = [];
		while (executor.numWorkers > 0) outcomes.push((await failureOf(executor.submit(die, 'SIGKILL')))['name']);
		return [outcomes, (await failureOf(executor.submit(square, 2)))['code']];
	},
	timeout: async (executor) => {
		const late = await failureOf(all(executor.map(untilAborted, [1], { timeout: 100 })));
		return [late['name'], late['code'], await all(executor.map(slow, [1, 2, 3], { timeout: 60_000 })), executor.numWorkers];
	},
	overTime: async (executor) => {
		const late = await failureOf(all(executor.map(endless, [1], { timeout: 100 })));
		while (executor.numWorkers > 1) await sleep(10);
		return [late['code'], await executor.submit(square, 5)];
	},
	taskTimeout: async () => {
		const executor = new MPIPoolExecutor({ taskTimeout: 100 });
		return (await failureOf(executor.submit(untilAborted)))['code'];
	},
	taskTimeoutSync: () => {
		const result = new MPIPoolExecutor({ taskTimeout: 100 }).submit(untilAborted);
		try {
			return result.getSync();
		} catch (error) {
			return (error as { code: string }).code;
		}
	},
	retries: async (executor) => [
		await all(executor.map(dieAtFirst, [0], { retries: 1 })),
		(await failureOf(executor.submit(dieAtFirst)))['code'],
		executor.numWorkers,
	],
	executorRetries: () => new MPIPoolExecutor({ retries: 1 }).submit(dieAtFirst),
	priority: async (executor) => {
		const begun = [executor.submit(note, 'first'), executor.submit(note, 'second')];
		const low = all(executor.map(note, ['low'], { priority: -1 }));
		const usual = all(executor.map(note, ['usual']));
		const high = all(executor.map(note, ['high'], { priority: 1 }));
		await Promise.all([...begun, low, usual, high]);
		return executor.submit(note, 'last');
	},
	affinity: async (executor) => {
		const ranks = await Promise.all(['a', 'b', 'a', 'b'].map((affinity) => all(executor.map(whoAmI, numbers, { affinity, chunksize: 1 }))));
		return ranks.map((some) => new Set(some).size);
	},
	window: async (executor) => {
		let read = 0;
		const items = function* (): Generator<number> {
			for (;;) yield read++;
		};
		const map = executor.map(square, items(), { window: 5, chunksize: 1 });
		await map.next();
		await map.return!(undefined);
		return read <= 6;
	},
	refused: async (executor) =>
		Promise.all(
			[{ timeout: 0 }, { retries: -1 }, { priority: 'high' }, { affinity: {} }, { window: 0 }, { timeOut: 1 }].map(
				async (options) => (await failureOf((async () => executor.map(square, [1], options as object))()))['code'],
			),
		),
	/** What was sent to the worker that dies is of no use any more. */
	largeToDying: async (executor) => {
		const results = [executor.submit(computeAndDie), ...[400_000, 800_000].map((length) => executor.submit(half, new Float64Array(length)))];
		const codes = (await Promise.all(results.map((result) => failureOf(result)))).map(({ code }) => code);
		return [codes[0], executor.numWorkers];
	},
	/** A result of which the root has only the beginning. */
	largeFromDying: async (executor) => {
		const pid = await executor.submit(ownPid);
		const lost = all(executor.map(largeLater, [400_000], { affinity: 'own' }));
		await sleep(0);
		compute(500);
		process.kill(pid, 'SIGKILL');
		const failure = await failureOf(lost);
		return [failure['code'] ?? 'it came', await executor.submit(square, 3)];
	},
	idle: () => executorsLeftOpen(),
	never: () => new Promise(() => {}),
	throws: () => {
		setImmediate(() => {
			throw new Error('on purpose');
		});
	},
};

function executorsLeftOpen(): string {
	void new MPIPoolExecutor().submit(square, 2);
	return 'nobody shuts it down';
}

if (isMain(import.meta)) {
	const way = process.argv[2]!;
	if (way === 'initializer') {
		const good = new MPIPoolExecutor({ initializer: initialize, initargs: ['done'] });
		const plain = new MPIPoolExecutor({ maxWorkers: 1 });
		const bad = new MPIPoolExecutor({ initializer: failToInitialize });
		const failure = await failureOf(bad.submit(state));
		console.log(
			JSON.stringify([
				await good.submit(state),
				plain.numWorkers,
				failure['code'],
				(await failureOf((async () => bad.submit(state))()))['code'],
			]),
		);
	} else console.log(JSON.stringify(await ways[way]!(new MPIPoolExecutor())));
}
