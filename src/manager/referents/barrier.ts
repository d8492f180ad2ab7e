/** A barrier in the server. A party that dies while it waits breaks it, as one that does not come in time. */
import { checkArgument, integerFrom } from '../../base/arguments.ts';
import { BrokenBarrierError } from '../../base/errors.ts';
import { pending, type Call } from '../call.ts';
import { Waiters } from '../waiters.ts';
import { Referent } from './referent.ts';

export class BarrierReferent extends Referent {
	readonly kind = 'BarrierProxy';
	readonly #parties: number;
	readonly #action: (() => unknown) | undefined;
	readonly #timeoutMs: number | undefined;
	readonly #waiters = new Waiters();
	#isBroken = false;

	constructor(parties: number, { action, timeout }: { action?: (() => unknown) | undefined; timeout?: number | undefined } = {}) {
		super();
		checkArgument('the parties of a Barrier', parties, integerFrom(1));
		this.#parties = parties;
		this.#action = action;
		this.#timeoutMs = timeout;
	}

	get content(): unknown {
		return { parties: this.#parties, waiting: this.#waiters.size, broken: this.#isBroken };
	}

	/** Answers each party with a number of its own from 0 to parties - 1. */
	wait(call: Call, timeoutMs: number | undefined = this.#timeoutMs): unknown {
		if (this.#isBroken) throw broken();
		if (this.#waiters.size + 1 === this.#parties) return this.#complete(call);
		if (timeoutMs !== undefined && timeoutMs <= 0) {
			this.abort();
			throw broken();
		}
		const onTimeout = (): void => {
			this.abort();
			call.fail(broken());
		};
		// One who gives up is as one who has not come yet; one who is dead will not come.
		return this.#waiters.add(call, undefined, { timeoutMs, onTimeout, onEnd: (reason) => void (reason === 'dead' && this.abort()) });
	}

	#complete(last: Call): unknown {
		let outcome: unknown;
		try {
			outcome = this.#action?.();
		} catch (error) {
			this.abort();
			throw error;
		}
		if (typeof (outcome as { then?: unknown } | undefined)?.then !== 'function') return this.#pass(last);
		(outcome as Promise<unknown>).then(
			() => last.answer(this.#pass(last)),
			(error: unknown) => {
				this.abort();
				last.fail(error);
			},
		);
		return pending;
	}

	#pass(_last: Call): number {
		this.#waiters.splice().forEach((call, i) => call.answer(i));
		return this.#parties - 1;
	}

	/** Makes it as new. Those who wait get a BrokenBarrierError. */
	reset(): void {
		this.#isBroken = false;
		for (const call of this.#waiters.splice()) call.fail(broken());
	}

	abort(): void {
		this.#isBroken = true;
		for (const call of this.#waiters.splice()) call.fail(broken());
	}

	parties(): number {
		return this.#parties;
	}

	nWaiting(): number {
		return this.#waiters.size;
	}

	broken(): boolean {
		return this.#isBroken;
	}
}

function broken(): BrokenBarrierError {
	return new BrokenBarrierError(
		'The barrier is broken: it was aborted or reset, a party did not come in time or has ended. `reset()` makes it usable again.',
	);
}
