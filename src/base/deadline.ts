/**
 * One `Deadline` is made from every `Wait` that a user gives, at the edge; inside, nothing else is known of time.
 */
import { anAbortSignal, checkArgument, checkOptions, describe, isOf, milliseconds } from './arguments.ts';
import { nowMs } from './clock.ts';
import { ArgumentError } from './errors.ts';

/** Milliseconds, a signal, or both. undefined = wait for ever; 0 or less = look once and return. */
export type Wait = number | AbortSignal | { timeout?: number | undefined; signal?: AbortSignal | undefined };

export class Deadline {
	/** On the scale of `nowMs`, in milliseconds; Infinity for "never". */
	readonly at: number;
	readonly signal: AbortSignal | undefined;

	private constructor(at: number, signal: AbortSignal | undefined) {
		this.at = at;
		this.signal = signal;
	}

	/** Throws the signal's reason when it is aborted already, before anything was done. */
	static from(wait: Wait | undefined): Deadline {
		if (wait === undefined) return never;
		if (typeof wait === 'number') return Deadline.#after(wait, undefined);
		if (isOf(anAbortSignal, wait)) return Deadline.#after(undefined, wait as AbortSignal);
		if (typeof wait === 'object' && wait !== null) {
			checkOptions(wait, { owner: 'a wait', kinds: waitKinds, example: 'milliseconds, an AbortSignal or { timeout, signal }' });
			const { timeout, signal } = wait as Exclude<typeof wait, AbortSignal>;
			return Deadline.#after(timeout, signal);
		}
		throw new ArgumentError(`Expected a number of milliseconds, an AbortSignal or { timeout, signal }, got ${describe(wait)}.`);
	}

	static #after(timeoutMs: number | undefined, signal: AbortSignal | undefined): Deadline {
		if (timeoutMs !== undefined) checkArgument('the timeout', timeoutMs, milliseconds);
		signal?.throwIfAborted();
		if (timeoutMs === undefined) return signal === undefined ? never : new Deadline(Infinity, signal);
		return new Deadline(timeoutMs <= 0 ? -Infinity : nowMs() + timeoutMs, signal);
	}

	/** Milliseconds left: 0 when it has passed, Infinity when there is no end. Throws the reason when aborted. */
	remaining(): number {
		this.signal?.throwIfAborted();
		return this.left();
	}

	/** As `remaining`, whether it is aborted or not. */
	left(): number {
		if (this.at === Infinity || this.at === -Infinity) return Math.max(0, this.at);
		return Math.max(0, this.at - nowMs());
	}

	/** Whether the caller wants to look once and not wait at all. */
	get isImmediate(): boolean {
		return this.at === -Infinity;
	}

	/** The same, but in so many milliseconds at the latest. */
	within(timeoutMs: number): Deadline {
		return new Deadline(Math.min(this.at, nowMs() + timeoutMs), this.signal);
	}

	static readonly never: Deadline = new Deadline(Infinity, undefined);
}

const never = Deadline.never;
const waitKinds = { timeout: milliseconds, signal: anAbortSignal };
