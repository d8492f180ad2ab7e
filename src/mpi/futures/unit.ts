/** Items that a worker gets together: one call of `submit`, or a chunk of a map. */
import type { TaskFunction } from '../../task/task-function.ts';
import type { Outcome } from './messages.ts';

export interface UnitOptions {
	readonly fn: TaskFunction;
	readonly calls: readonly (readonly unknown[])[];
	/** Of the first item. */
	readonly index: number;
	readonly onProgress?: ((value: unknown, index: number) => void) | undefined;
}

export class Unit {
	readonly id: number;
	readonly options: UnitOptions;
	/** Of the executor that it is for. */
	readonly client: Client;
	readonly #settle: (outcomes: readonly Outcome[] | { readonly error: unknown }) => void;
	#isSettled = false;

	constructor(client: Client, options: UnitOptions, settle: (outcomes: readonly Outcome[] | { readonly error: unknown }) => void) {
		this.id = ++lastId;
		this.client = client;
		this.options = options;
		this.#settle = settle;
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
	/** Its initializer has failed in a worker. */
	breakDown(error: unknown): void;
}
