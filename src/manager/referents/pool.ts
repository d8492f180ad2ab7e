/** A Pool whose owner is the server: any client can give it work. A call whose caller gives up or dies is cancelled. */
import type { MapOptions, TaskOptions } from '../../task/task-options.ts';
import type { PoolOptions } from '../../pool/pool-options.ts';
import { Pool } from '../../pool/pool.ts';
import type { Call } from '../call.ts';
import { unpackFunction, type PackedFunction } from '../functions.ts';
import { Referent } from './referent.ts';

type Fn = (...args: unknown[]) => unknown;

export type SentPoolOptions = Omit<PoolOptions, 'initializer'> & { readonly initializer?: PackedFunction };

export class PoolReferent extends Referent {
	readonly kind = 'PoolProxy';
	readonly #pool: Pool;

	static async make(processes?: number, { initializer, ...options }: SentPoolOptions = {}): Promise<PoolReferent> {
		const begin = initializer === undefined ? {} : { initializer: (await unpackFunction(initializer)) as Fn };
		return new PoolReferent(new Pool(processes, { ...options, ...begin }));
	}

	constructor(pool: Pool) {
		super();
		this.#pool = pool;
	}

	get content(): unknown {
		return this.#pool;
	}

	apply(call: Call, fn: Fn, args: unknown[], options: TaskOptions): Promise<unknown> {
		return this.#pool.apply(fn, args, { ...options, signal: call.signal });
	}

	map(call: Call, fn: Fn, items: unknown[], options: MapOptions): Promise<unknown[]> {
		return this.#pool.map(fn, items, { ...options, signal: call.signal });
	}

	starmap(call: Call, fn: Fn, items: unknown[][], options: MapOptions): Promise<unknown[]> {
		return this.#pool.starmap(fn, items, { ...options, signal: call.signal });
	}

	close(): void {
		this.#pool.close();
	}

	terminate(): Promise<void> {
		return this.#pool.terminate();
	}

	join(): Promise<void> {
		return this.#pool.join();
	}

	override end(): void {
		void this.#pool.terminate();
	}
}
