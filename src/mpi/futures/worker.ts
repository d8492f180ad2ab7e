/**
 * A rank that serves an executor: takes tasks and runs them, until it is told to stop. It awaits, so that it hears of a
 * cancelled task while that one awaits something itself, and so that it costs nothing while there is nothing to do.
 * Async functions may be tasks.
 */
import { existsSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { clearTimeout, setTimeout } from '../../base/clock.ts';
import { NotImportableError } from '../../base/errors.ts';
import { encode, encodeThrown } from '../../codec/encode.ts';
import { resolveFunction, type FunctionDefinition } from '../../task/task-function.ts';
import { setCurrentTask, type CurrentTask } from '../../task/current-task.ts';
import type { AnyFunction } from '../../process/reference/target.ts';
import type { Intracomm } from '../api/communicators/intracomm.ts';
import { orderTag, replyTag, type Order, type Outcome, type Reply } from './messages.ts';

type TaskOrder = Extract<Order, { kind: 'task' }>;

/** `root`: the rank in `comm` that gives the orders. Resolves when it says so. */
export async function serve(comm: Intracomm, root: number): Promise<void> {
	isServing = true;
	try {
		await new Worker(comm, root).run();
	} finally {
		isServing = false;
	}
}

/** Whether this process is a worker now. */
export function servesExecutor(): boolean {
	return isServing;
}

let isServing = false;

class Worker {
	readonly #comm: Intracomm;
	readonly #root: number;
	/** An error when the function cannot be had here. */
	readonly #functions = new Map<number, { readonly fn?: AnyFunction; readonly error?: unknown }>();
	/** Executors whose initializer has run, and how it has failed. */
	readonly #initialized = new Map<number, { readonly error?: unknown }>();
	/** Of tasks that have come and not ended. */
	readonly #controllers = new Map<number, AbortController>();
	/** The tasks, one after the other. */
	#last: Promise<void> = Promise.resolve();

	constructor(comm: Intracomm, root: number) {
		this.#comm = comm;
		this.#root = root;
	}

	async run(): Promise<void> {
		for (;;) {
			const order = await this.#comm.irecv<Order>(this.#root, orderTag);
			if (order.kind === 'stop') return this.#last;
			if (order.kind === 'cancel') this.#controllers.get(order.id)?.abort();
			else this.#take(order);
		}
	}

	#take(order: TaskOrder): void {
		const controller = new AbortController();
		this.#controllers.set(order.id, controller);
		this.#last = this.#last.then(async () => {
			await this.#perform(order, controller.signal);
			this.#controllers.delete(order.id);
		});
	}

	async #perform(order: TaskOrder, signal: AbortSignal): Promise<void> {
		const { id, executor, fn, definition } = order;
		if (definition !== undefined) this.#functions.set(fn, await attempt(() => resolve(definition)));
		const initialized = await this.#initialize(order);
		if ('error' in initialized) return this.#say({ kind: 'broken', id, executor, thrown: encodeThrown(initialized.error).bytes });
		const outcomes: Outcome[] = [];
		if (order.isTimed) await this.#say({ kind: 'begun', id });
		for (const [i, args] of order.calls.entries()) {
			if (signal.aborted) break;
			outcomes.push(await this.#call(order, i, { args, signal }));
		}
		await this.#reply(id, outcomes);
	}

	async #initialize({ executor, initializer }: TaskOrder): Promise<{ readonly error?: unknown }> {
		let state = this.#initialized.get(executor);
		if (state === undefined) {
			state =
				initializer === undefined ? {} : await attempt(async () => (await resolve(initializer.definition))(...(initializer.args as never[])));
			this.#initialized.set(executor, state);
		}
		return state;
	}

	async #call(order: TaskOrder, item: number, { args, signal }: { args: readonly unknown[]; signal: AbortSignal }): Promise<Outcome> {
		const { fn, error } = this.#functions.get(order.fn)!;
		if (fn === undefined) return { thrown: encodeThrown(error).bytes };
		const task: CurrentTask = {
			signal,
			attempt: order.attempt,
			index: order.index + item,
			worker: this.#comm.rank < this.#root ? this.#comm.rank : this.#comm.rank - 1,
			progress: (value) => void this.#comm.isend({ kind: 'progress', id: order.id, item, value } satisfies Reply, this.#root, replyTag),
		};
		setCurrentTask(task);
		try {
			return { value: await fn(...(args as never[])) };
		} catch (thrown) {
			return { thrown: encodeThrown(thrown).bytes };
		} finally {
			setCurrentTask(undefined);
		}
	}

	/** A value that cannot be sent is the failure of its item. */
	async #reply(id: number, outcomes: readonly Outcome[]): Promise<void> {
		try {
			await this.#say({ kind: 'done', id, outcomes });
		} catch {
			await this.#say({ kind: 'done', id, outcomes: outcomes.map(sendable) });
		}
	}

	async #say(reply: Reply): Promise<void> {
		await this.#comm.isend(reply, this.#root, replyTag);
	}
}

/**
 * The program's own module cannot be imported while it waits for this rank to have served (`await MPICommExecutor(…)`
 * at its top level): that would never end.
 */
async function resolve(definition: FunctionDefinition): Promise<AnyFunction> {
	const { reference } = definition;
	if (reference === null || reference.url !== mainModule()) return resolveFunction(definition);
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		const text = `Cannot find ${reference.path.join('.')} in ${reference.url} on this rank: the module waits at its top level, and exports nothing before that. Put the functions that workers call into a module of their own.`;
		timer = setTimeout(() => reject(new NotImportableError(text)), mainModuleMs);
	});
	try {
		return await Promise.race([resolveFunction(definition), late]);
	} finally {
		clearTimeout(timer);
	}
}

/** It has been loaded already. */
const mainModuleMs = 2000;

function mainModule(): string | undefined {
	const file = process.argv[1];
	return file !== undefined && existsSync(file) ? pathToFileURL(realpathSync(file)).href : undefined;
}

async function attempt(action: () => unknown): Promise<{ fn?: AnyFunction; error?: unknown }> {
	try {
		return { fn: (await action()) as AnyFunction };
	} catch (error) {
		return { error };
	}
}

function sendable(outcome: Outcome): Outcome {
	if ('thrown' in outcome) return outcome;
	try {
		encode(outcome.value);
		return outcome;
	} catch (error) {
		return { thrown: encodeThrown(error).bytes };
	}
}
