/**
 * What runs in a worker of a pool: takes a call, does it, replies, takes the next one.
 *
 * A task that is not asynchronous runs without a turn of the event loop around it, but the loop turns now and then, for
 * what earlier tasks have left there. Errors that nobody catches end the worker as they end every Node process; it says
 * before what it dies of.
 */
import { nowMs } from '../../base/clock.ts';
import { Deadline } from '../../base/deadline.ts';
import { waitFor } from '../../wait/waiter.ts';
import { spin } from '../../wait/spin.ts';
import type { Taken } from '../../stream/stream.ts';
import { isTurnDue, isTurnDueAt, turn } from '../../wait/turn.ts';
import { encodeThrown } from '../../codec/encode.ts';
import { setName } from '../../memory/registry.ts';
import { allowLastingChildren } from '../../process/current.ts';
import { declareReference, type AnyFunction } from '../../process/reference/target.ts';
import { resolveFunction, type FunctionDefinition } from '../../task/task-function.ts';
import { setCurrentTask } from '../../task/current-task.ts';
import { claimNext, claimOf, closeClaims, openClaims } from '../link/claim.ts';
import { told, workerState, writeName, type PoolLink } from '../link/link.ts';
import { call, renamed, reply } from '../link/messages.ts';
import { RunningTask, type TaskHost } from './running-task.ts';
import { giveAll } from './generating.ts';
import { WorkerOutbox, type Message } from './worker-outbox.ts';

export interface WorkerSettings {
	readonly index: number;
	readonly name: string;
	/** Whether the first call is that of the initializer. */
	readonly hasInitializer: boolean;
}

/** The target of a worker's process. */
export async function runWorker(link: PoolLink, { index, name, hasInitializer }: WorkerSettings): Promise<void> {
	process.env['NPROCS_WORKER'] = String(index);
	process.on('SIGINT', () => {}); // Ctrl-C is for the owner, whose end ends this process
	allowLastingChildren();
	setName(name);
	link.told[told.pid] = process.pid;
	const worker = new Worker(link, index);
	process.on('uncaughtExceptionMonitor', (error) => worker.say([reply.dying, encodeThrown(error).bytes]));
	await worker.serve({ isInitialized: !hasInitializer });
	link.close();
	process.exit();
}

declareReference(runWorker as AnyFunction, { url: import.meta.url, path: ['runWorker'] });

/** About the call behind it; what comes later is another one, after the pool has taken that back. */
interface Preparation {
	sequence: number;
	attempt: number;
	from: number;
	until: number;
}

export class Worker implements TaskHost {
	readonly link: PoolLink;
	readonly index: number;
	readonly #functions = new Map<number, { fn: AnyFunction | undefined; error: unknown; name: string }>();
	#lastFunction = 0;
	/**
	 * The number of the call at work in the stream of calls. The stream's own count goes on when the pool takes calls
	 * back.
	 */
	sequence = 0;
	#prepared: Preparation | undefined;
	#running: RunningTask | undefined;
	/** Its initializer has failed: it takes no call. */
	#isBroken = false;
	readonly #outbox: WorkerOutbox;

	constructor(link: PoolLink, index: number) {
		this.link = link;
		this.index = index;
		this.#outbox = new WorkerOutbox(link);
	}

	async serve({ isInitialized }: { isInitialized: boolean }): Promise<void> {
		this.#watchCancels();
		if (isInitialized) this.say([reply.ready]);
		const { calls } = this.link;
		const take = (): Taken | undefined => (calls.mayTake() ? calls.tryTake() : undefined);
		const getting = { ...calls.getting, isLookedAfter: true }; // the end of the pool's process is that of this one
		for (;;) {
			this.#setState(workerState.idle);
			let message: Message;
			try {
				const taken = take() ?? spin(take, calls.getting.lookout) ?? (await waitFor(calls.items, take, Deadline.never, getting))!;
				message = taken.value as Message;
				this.sequence = calls.ring.sequence;
			} catch (error) {
				if (calls.closed) return;
				this.say([reply.unreadable, encodeThrown(error).bytes]);
				this.#prepared = undefined;
				continue;
			}
			if (message[0] === call.end) return;
			const pending = this.#handle(message);
			if (pending !== undefined) await pending;
			if (this.#isBroken) return;
			if (isTurnDue()) await turn();
		}
	}

	/** Undefined when it is done already. */
	#handle(message: Message): Promise<void> | undefined {
		const [kind, id] = message as [number, number];
		if (kind === call.define) return this.#define(id, message[2] as string, message[3] as FunctionDefinition);
		if (kind === call.prepare) {
			this.#prepared = { sequence: this.sequence, attempt: id, from: message[2] as number, until: message[3] as number };
			return undefined;
		}
		if (this.#prepared !== undefined && this.sequence !== this.#prepared.sequence + 1) this.#prepared = undefined;
		this.#setState(workerState.running);
		this.link.told[told.begun] = (this.link.told[told.begun]! + 1) | 0;
		this.#showFunction(id);
		if (kind === call.one) return this.#runItem(id, message[2] as unknown[], this.#single(message[3] as number));
		if (kind === call.chunk) return this.#runChunk(message as [number, number, unknown[], number, boolean]);
		if (kind === call.initialize) return this.#initialize(id, message[2] as unknown[]);
		return this.#generate(id, message[2] as unknown[], message[3] as number);
	}

	async #define(id: number, name: string, definition: FunctionDefinition): Promise<void> {
		try {
			this.#functions.set(id, { fn: await resolveFunction(definition), error: undefined, name });
		} catch (error) {
			this.#functions.set(id, { fn: undefined, error, name });
		}
	}

	async #initialize(id: number, args: unknown[]): Promise<void> {
		try {
			await this.#functionOf(id)(...(args as never[]));
			this.say([reply.ready]);
		} catch (error) {
			this.#isBroken = true;
			this.say([reply.broken, encodeThrown(error).bytes]);
		}
	}

	#functionOf(id: number): AnyFunction {
		const { fn, error } = this.#functions.get(id)!;
		if (fn === undefined) throw error;
		return fn;
	}

	/** What was said about the call before it. */
	#takePreparation(count: number): Omit<Preparation, 'sequence'> {
		const prepared = this.#prepared ?? { attempt: 1, from: 0, until: count };
		this.#prepared = undefined;
		return prepared;
	}

	#single(index: number): RunningTask {
		return new RunningTask(this, { item: 0, index, attempt: this.#takePreparation(1).attempt });
	}

	// ---- running ----

	/** Runs one item to its reply; undefined when that is done already. */
	#runItem(id: number, args: unknown[], task: RunningTask): Promise<void> | undefined {
		const begunMs = this.#outbox.isInChunk ? this.#outbox.lookedMs : nowMs();
		this.#running = task;
		setCurrentTask(task);
		try {
			const result = this.#functionOf(id)(...(args as never[])) as unknown;
			if (!isThenable(result)) return this.#finish(task, begunMs, result);
			return Promise.resolve(result).then(
				(value) => this.#finish(task, begunMs, value),
				(error: unknown) => this.#fail(task, begunMs, error),
			);
		} catch (error) {
			return this.#fail(task, begunMs, error);
		}
	}

	#finish(task: RunningTask, begunMs: number, result: unknown): undefined {
		this.#leave();
		const outbox = this.#outbox;
		if (outbox.isInChunk && outbox.keep(result)) return undefined;
		const us = microseconds(begunMs);
		try {
			outbox.send([reply.value, task.item, us, result]);
		} catch (error) {
			this.#sendError(task, us, renamed(error, /^value\[3\]/, 'result'));
			return undefined;
		}
		if (outbox.isInChunk) outbox.beginItem(task.item + 1);
		return undefined;
	}

	#fail(task: RunningTask, begunMs: number, error: unknown): undefined {
		this.#leave();
		this.#sendError(task, microseconds(begunMs), error);
	}

	#sendError(task: RunningTask, us: number, error: unknown): void {
		this.say([reply.error, task.item, us, encodeThrown(error).bytes]);
		if (this.#outbox.isInChunk) this.#outbox.beginItem(task.item + 1);
	}

	#leave(): void {
		setCurrentTask(undefined);
		this.#running = undefined;
	}

	/** Item by item, without a turn of the event loop where the function is not asynchronous. */
	async #runChunk([, id, items, first, isStar]: [number, number, unknown[], number, boolean]): Promise<void> {
		const { attempt, from, until } = this.#takePreparation(items.length);
		const words = this.link.told;
		const outbox = this.#outbox;
		outbox.beginChunk(this.sequence, from);
		openClaims(words, claimOf(this.sequence, until, from));
		for (let item = claimNext(words); item >= 0; item = claimNext(words)) {
			const args = isStar ? (items[item] as unknown[]) : [items[item]];
			const pending = this.#runItem(id, args, new RunningTask(this, { item, index: first + item, attempt }));
			if (pending !== undefined) await pending;
			if (isTurnDueAt(outbox.lookedMs)) {
				await turn();
				outbox.lookedMs = nowMs();
			}
		}
		outbox.endChunk();
		closeClaims(words);
	}

	async #generate(id: number, args: unknown[], window: number): Promise<void> {
		const task = this.#single(0);
		this.#running = task;
		setCurrentTask(task);
		try {
			const made = (await this.#functionOf(id)(...(args as never[]))) as AsyncGenerator;
			await giveAll(made, { link: this.link, task, window, give: (message) => this.#outbox.send(message) });
			this.#leave();
			this.say([reply.ended]);
		} catch (error) {
			this.#leave();
			this.say([reply.error, 0, 0, encodeThrown(renamed(error, /^value\[1\]/, 'value')).bytes]);
		}
	}

	/**
	 * The task is told at once if it waits in the event loop, and in any case when it asks. Also keeps the worker
	 * alive, whatever its task waits for.
	 */
	#watchCancels(): void {
		const { askedSet } = this.link;
		const look = (): undefined => this.#running?.look();
		// It rejects when the stream is closed: this process is about to end.
		waitFor(askedSet, look, Deadline.never, { independent: true, isLookedAfter: true }).catch(() => {});
	}

	say(message: Message): void {
		this.#outbox.say(message);
	}

	#setState(state: number): void {
		this.link.told[told.state] = state;
	}

	#showFunction(id: number): void {
		if (id === this.#lastFunction) return;
		this.#lastFunction = id;
		writeName(this.link.told, told.functionName, this.#functions.get(id)?.name ?? '');
	}
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function microseconds(sinceMs: number): number {
	return Math.round((nowMs() - sinceMs) * 1000);
}
