/**
 * `MPIPoolExecutor`, as mpi4py.futures': calls run on other ranks of the job.
 *
 * Under `mpi-pool`, rank 0 runs the program and the others serve (mpi-pool.ts); all executors of the program have these
 * workers in common. In a world of one it runs calls in processes of this machine, so the program also runs alone. A
 * program that was started on several ranks without `mpi-pool` has nobody who would serve: that is an error.
 */
import { aBoolean, anArray, anIterable, checkArgument, checkOptions, type Kind } from '../../base/arguments.ts';
import { ArgumentError, ClosedError, ProcessError } from '../../base/errors.ts';
import type { NamedTarget, Target } from '../../process/reference/named-target.ts';
import { ProcessPoolExecutor } from '../../pool/process-pool-executor.ts';
import { AsyncResult, fail, fulfil, type ResultSource } from '../../task/async-result.ts';
import type { Executor } from '../../task/executor.ts';
import { FunctionTable } from '../../task/task-function.ts';
import { isCount, kindsOfMap } from '../../task/task-options.ts';
import { COMM_WORLD } from '../api/communicators/communicators.ts';
import { mapInChunks, open, type Chunk } from './chunks.ts';
import type { Crew } from './crew.ts';
import type { Outcome } from './messages.ts';
import { Unit, type Client, type UnitOptions } from './unit.ts';
import { servesExecutor } from './worker.ts';

export interface MPIPoolOptions {
	/** How many workers it uses at most. @default all */
	readonly maxWorkers?: number | undefined;
	/** Runs in each worker before its first task. When it fails, so does the executor. */
	readonly initializer?: ((...args: never[]) => unknown) | NamedTarget | undefined;
	readonly initargs?: readonly unknown[] | undefined;
	/** How often a call is run again when the worker that ran it has died. @default 0 */
	readonly retries?: number | undefined;
	/** Milliseconds that a call may take, from when it runs; see `timeout` of a map. @default no limit */
	readonly taskTimeout?: number | undefined;
}

export interface MPIMapOptions {
	/**
	 * How many items are sent together: always one where there are a `timeout` or `retries`. @default the items / (4 ×
	 * workers), when their number is known; else 1
	 */
	readonly chunksize?: number | undefined;
	/**
	 * How many items may be read ahead of the results that have been taken. @default all of an array; else 4 chunks for
	 * each worker
	 */
	readonly window?: number | undefined;
	/**
	 * Milliseconds that each item may take, from when it runs; then the map rejects with a TimeoutError. The task is
	 * told by `currentTask().signal`; under `nprocs mpiexec`, its worker is killed when it has not ended a second
	 * later.
	 *
	 * @default the executor's `taskTimeout`
	 */
	readonly timeout?: number | undefined;
	/** How often each item is run again when the worker that ran it has died. @default the executor's */
	readonly retries?: number | undefined;
	/** Calls of a higher one begin first; not before those that a worker has been sent ahead. @default 0 */
	readonly priority?: number | undefined;
	/** Calls with the same key run in the same worker, as long as it lives. */
	readonly affinity?: string | number | undefined;
	/** The results as they come, and not in the order of the items. @default false */
	readonly unordered?: boolean | undefined;
	/** Aborting it ends the map. */
	readonly signal?: AbortSignal | undefined;
	/** Is called with what a task gives to `currentTask().progress()`. `index`: of the item. */
	readonly onProgress?: ((value: unknown, index: number) => void) | undefined;
}

type Input<T> = Iterable<T> | AsyncIterable<T>;

/** Says who serves this program's executors; for mpi-pool.ts. */
export function provideCrew(crew: Crew): void {
	programCrew = crew;
}

let programCrew: Crew | undefined;
let lastNumber = 0;
const functions = new FunctionTable();

export class MPIPoolExecutor implements Executor {
	readonly #crew: Crew | undefined;
	/** In a world of one. */
	readonly #local: ProcessPoolExecutor | undefined;
	readonly #client: Client;
	readonly #units = new Set<Unit>();
	#isClosed = false;
	#broken: unknown;
	readonly #whenIdle: (() => void)[] = [];

	/** Starts nothing. Throws where nobody would serve it, and says how to start the program. */
	constructor(options: MPIPoolOptions = {}) {
		checkOptions(options, { owner: 'new MPIPoolExecutor()', kinds: poolKinds });
		const { maxWorkers = Infinity, initializer, initargs = [], retries = 0, taskTimeout } = options;
		this.#crew = crewOf(options) ?? programCrew;
		if (this.#crew === undefined) this.#local = localExecutor(options);
		this.#client = {
			number: ++lastNumber,
			initializer: initializer === undefined ? undefined : { fn: functions.of(initializer as Target), args: initargs },
			maxWorkers,
			retries,
			taskTimeout,
			breakDown: (error) => this.#breakDown(error),
		};
	}

	/** How many workers it has. */
	get numWorkers(): number {
		return this.#crew === undefined ? this.#local!.pool.size : Math.min(this.#crew.size, this.#client.maxWorkers);
	}

	submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): AsyncResult<Awaited<R>>;
	submit(fn: NamedTarget, ...args: unknown[]): AsyncResult<unknown>;
	submit(fn: Target, ...args: unknown[]): AsyncResult<unknown> {
		this.#checkOpen();
		if (this.#local !== undefined) return this.#local.submit(fn as NamedTarget, ...args);
		const source: ResultSource = {
			pumpSync: (isSettled, deadline) => this.#crew!.pumpSync(isSettled, deadline),
			cancel: () => this.#drop(unit),
		};
		const result = new AsyncResult<unknown>(source);
		const unit = this.#begin({ fn: functions.of(fn), calls: [args], index: 0 }, (outcome) => settle(result, outcome));
		return result;
	}

	map<T, R>(fn: (item: T) => R, items: Input<T>, options?: MPIMapOptions): AsyncIterableIterator<Awaited<R>>;
	map(fn: NamedTarget, items: Input<unknown>, options?: MPIMapOptions): AsyncIterableIterator<unknown>;
	map(fn: Target, items: Input<unknown>, options: MPIMapOptions = {}): AsyncIterableIterator<unknown> {
		return this.#map(fn, items, { ...options, owner: 'MPIPoolExecutor.map()', argsOf: (item) => [item] });
	}

	/** As `map`, of a function that takes several arguments: an item is the list of them. */
	starmap<A extends unknown[], R>(fn: (...args: A) => R, items: Input<Readonly<A>>, options?: MPIMapOptions): AsyncIterableIterator<Awaited<R>>;
	starmap(fn: NamedTarget, items: Input<readonly unknown[]>, options?: MPIMapOptions): AsyncIterableIterator<unknown>;
	starmap(fn: Target, items: Input<readonly unknown[]>, options: MPIMapOptions = {}): AsyncIterableIterator<unknown> {
		return this.#map(fn, items, { ...options, owner: 'MPIPoolExecutor.starmap()', argsOf: argumentsOf });
	}

	/**
	 * No more calls are taken. `cancel`: what has not begun is cancelled. `wait`: resolves when all has been done. The
	 * ranks go on to serve the program's other executors.
	 */
	async shutdown(options: { wait?: boolean | undefined; cancel?: boolean | undefined } = {}): Promise<void> {
		checkOptions(options, { owner: 'MPIPoolExecutor.shutdown()', kinds: { wait: aBoolean, cancel: aBoolean } });
		const { wait = true, cancel = false } = options;
		this.#isClosed = true;
		if (this.#local !== undefined) return this.#local.shutdown({ wait, cancel });
		if (cancel) for (const unit of [...this.#units]) if (!this.#crew!.isRunning(unit)) this.#abandon(unit);
		if (wait && this.#units.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
	}

	/** Waits until all is done, as Python's `with` block does. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.shutdown();
	}

	#map(
		fn: Target,
		items: Input<unknown>,
		given: MPIMapOptions & { owner: string; argsOf: (item: unknown) => readonly unknown[] },
	): AsyncIterableIterator<unknown> {
		const { owner, argsOf, ...options } = given;
		this.#checkOpen();
		checkOptions(options, { owner, kinds: mapKinds });
		checkArgument(`what ${owner} is given to map`, items, anInput);
		if (this.#local !== undefined) return this.#mapHere(fn, items, { options, argsOf });
		const { chunksize, window, unordered = false, signal, onProgress, priority, affinity } = options;
		const { timeout = this.#client.taskTimeout, retries = this.#client.retries } = options;
		const workers = Math.max(1, this.numWorkers);
		const count = Array.isArray(items) ? items.length : undefined;
		const isOneByOne = timeout !== undefined || retries > 0;
		const size = isOneByOne ? 1 : (chunksize ?? Math.max(1, Math.floor((count ?? 0) / (4 * workers))));
		const chunks = window === undefined ? (count === undefined ? 4 * workers : Infinity) : Math.max(1, Math.floor(window / size));
		const task = functions.of(fn);
		const begin = (chunk: readonly unknown[], index: number): Chunk => {
			const { promise, resolve } = withResolvers<readonly Outcome[] | { readonly error: unknown }>();
			const unit = this.#begin({ fn: task, calls: chunk.map(argsOf), index, onProgress, timeout, retries, priority, affinity }, resolve);
			return { outcome: promise, cancel: () => this.#abandon(unit) };
		};
		return mapInChunks({ items, size, window: chunks, unordered, signal, begin });
	}

	#mapHere(
		fn: Target,
		items: Input<unknown>,
		{ options, argsOf }: { options: MPIMapOptions; argsOf: (item: unknown) => readonly unknown[] },
	): AsyncIterableIterator<unknown> {
		const { unordered = false, ...rest } = options;
		const { pool } = this.#local!;
		if (argsOf === argumentsOf) return pool.istarmap(fn as NamedTarget, items as Input<unknown[]>, rest);
		return unordered ? pool.imapUnordered(fn as NamedTarget, items, rest) : pool.imap(fn as NamedTarget, items, rest);
	}

	#begin(options: UnitOptions, settle: (outcome: readonly Outcome[] | { readonly error: unknown }) => void): Unit {
		const unit = new Unit(this.#client, options, (outcome) => {
			this.#units.delete(unit);
			settle(outcome);
			if (this.#units.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
		});
		this.#units.add(unit);
		this.#crew!.add(unit);
		return unit;
	}

	#abandon(unit: Unit): void {
		if (unit.isSettled) return;
		unit.settle({ error: new DOMException('This operation was aborted', 'AbortError') });
		this.#drop(unit);
	}

	#drop(unit: Unit): void {
		unit.settle([]);
		this.#crew!.cancel(unit);
	}

	#breakDown(error: unknown): void {
		this.#broken = error;
		for (const unit of [...this.#units]) {
			unit.settle({ error });
			this.#crew!.cancel(unit);
		}
	}

	#checkOpen(): void {
		if (this.#broken !== undefined) throw this.#broken;
		if (this.#isClosed) throw new ClosedError('Cannot call a function on an MPIPoolExecutor that has been shut down.');
	}
}

/** For MPICommExecutor: an executor on workers of its own. */
export function executorOn(crew: Crew, options: MPIPoolOptions): MPIPoolExecutor {
	crews.set(options, crew);
	return new MPIPoolExecutor(options);
}

const crews = new WeakMap<MPIPoolOptions, Crew>();

function crewOf(options: MPIPoolOptions): Crew | undefined {
	return crews.get(options);
}

function localExecutor({ maxWorkers, initializer, initargs, retries, taskTimeout }: MPIPoolOptions): ProcessPoolExecutor {
	if (servesExecutor()) {
		throw new ProcessError(
			'Cannot make an MPIPoolExecutor here: this rank serves one, and imports the program to find its functions. Put what uses the executor below `if (isMain(import.meta)) { … }`.',
			{ code: 'ERR_NPROCS_MISSING_GUARD' },
		);
	}
	if (COMM_WORLD.Get_size() > 1) {
		throw new ProcessError(
			'Cannot make an MPIPoolExecutor: nobody serves it, since all ranks run this program. Start it with `mpiexec -n 5 npx nprocs mpi-pool program.js`, or use MPICommExecutor.',
			{ code: 'ERR_NPROCS_MPI_POOL' },
		);
	}
	return new ProcessPoolExecutor({
		...(maxWorkers !== undefined && { maxWorkers }),
		...(retries !== undefined && { retries }),
		...(taskTimeout !== undefined && { taskTimeout }),
		...(initializer !== undefined && { initializer: initializer as NamedTarget, initargs: [...(initargs ?? [])] }),
	});
}

function settle(result: AsyncResult<unknown>, outcome: readonly Outcome[] | { readonly error: unknown }): void {
	if ('error' in outcome) return void fail(result, outcome.error);
	const [only] = outcome;
	if (only === undefined) return; // it was cancelled, and has been settled
	try {
		fulfil(result, open(only));
	} catch (error) {
		fail(result, error);
	}
}

function argumentsOf(item: unknown): readonly unknown[] {
	if (!Array.isArray(item))
		throw new ArgumentError(`Expected each item of MPIPoolExecutor.starmap() to be a list of arguments, got ${String(item)}.`);
	return item;
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
	let resolve!: (value: T) => void;
	const promise = new Promise<T>((settled) => (resolve = settled));
	return { promise, resolve };
}

const aCount: Kind = { what: 'a whole number of 1 or more', has: (value) => isCount(value, 1) };
const anInput: Kind = {
	what: 'an iterable',
	has: (value) => anIterable.has(value) || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value),
};
const aTarget: Kind = {
	what: 'a function or { module, name }',
	has: (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
};
const { retries, timeout: taskTimeout } = kindsOfMap;
const poolKinds = { maxWorkers: aCount, initializer: aTarget, initargs: anArray, retries, taskTimeout };
const mapKinds = { ...kindsOfMap, unordered: aBoolean };
