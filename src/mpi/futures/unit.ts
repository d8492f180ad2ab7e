/** Items that a worker gets together: one call of `submit`, or a chunk of a map. */
import type { TaskFunction } from '../../task/task-function.ts';
import type { Outcome } from './messages.ts';

export interface UnitOptions {
	readonly fn: TaskFunction;
	readonly calls: readonly (readonly unknown[])[];
	/** Of the first item. */
	readonly index: number;
	readonly onProgress?: ((value: unknown, index: number) => void) | undefined;
	/** Milliseconds, from when it runs. @default that of its executor */
	readonly timeout?: number | undefined;
	/** How often it is run again when its worker has died. @default that of its executor */
	readonly retries?: number | undefined;
	/** Higher ones first. @default 0 */
	readonly priority?: number | undefined;
	/** Units with the same key go to the same worker. */
	readonly affinity?: string | number | undefined;
}

export class Unit {
	readonly id: number;
	readonly options: UnitOptions;
	/** Of the executor that it is for. */
	readonly client: Client;
	readonly timeout: number | undefined;
	readonly priority: number;
	/** Which run of it this is, from 1 on. */
	attempt = 1;
	/** By `nowMs`, where its time is limited: when that is over; after that, when its worker is killed. */
	deadlineMs: number | undefined;
	readonly #retries: number;
	readonly #settle: (outcomes: readonly Outcome[] | { readonly error: unknown }) => void;
	#isSettled = false;

	constructor(client: Client, options: UnitOptions, settle: (outcomes: readonly Outcome[] | { readonly error: unknown }) => void) {
		this.id = ++lastId;
		this.client = client;
		this.options = options;
		this.#settle = settle;
		this.timeout = options.timeout ?? client.taskTimeout;
		this.priority = options.priority ?? 0;
		this.#retries = options.retries ?? client.retries;
	}

	/** After the death of the worker that ran it: whether it is to be run again. */
	goesOn(): boolean {
		if (this.#isSettled || this.attempt > this.#retries) return false;
		this.attempt++;
		this.deadlineMs = undefined;
		return true;
	}

	get isSettled(): boolean {
		return this.#isSettled;
	}

	settle(outcomes: readonly Outcome[] | { readonly error: unknown }): void {
		if (this.#isSettled) return;
		this.#isSettled = true;
		this.#settle(outcomes);
	}

	/** In words. */
	get text(): string {
		const { fn, calls, index } = this.options;
		return calls.length === 1 && index === 0 ? fn.name : `${fn.name}, item ${index}${calls.length > 1 ? ` to ${index + calls.length - 1}` : ''}`;
	}
}

let lastId = 0;

/** An executor, as the crew knows it. */
export interface Client {
	readonly number: number;
	readonly initializer: { readonly fn: TaskFunction; readonly args: readonly unknown[] } | undefined;
	readonly maxWorkers: number;
	readonly retries: number;
	/** Milliseconds. */
	readonly taskTimeout: number | undefined;
	/** Its initializer has failed in a worker. */
	breakDown(error: unknown): void;
}
