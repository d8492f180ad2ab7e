/** Calls that wait in the server, in the order in which they came. */
import { clearTimeout, longestTimerMs, nowMs, setTimeout } from '../base/clock.ts';
import { pending, type Call } from './call.ts';
import type { EndReason } from './session.ts';

export interface Waiting {
	/** Milliseconds; undefined: for ever. */
	readonly timeoutMs: number | undefined;
	/** The time is up; the call is not among the waiters any more, and is to be answered. */
	readonly onTimeout: () => void;
	/** The caller has given up or is dead; see Call.onEnd. @default nothing */
	readonly onEnd?: (reason: EndReason) => boolean | void;
}

export class Waiters<T = undefined> {
	readonly #waiting = new Map<Call, { readonly what: T; stop: () => void }>();

	get size(): number {
		return this.#waiting.size;
	}

	/** The call that came first, and what it waits for. */
	get first(): { call: Call; what: T } | undefined {
		for (const [call, { what }] of this.#waiting) return { call, what };
		return undefined;
	}

	/** For a method to return. */
	add(call: Call, what: T, { timeoutMs, onTimeout, onEnd }: Waiting): typeof pending {
		let timer: NodeJS.Timeout | undefined;
		const endsAt = nowMs() + (timeoutMs ?? Infinity);
		const arm = (): void => {
			const left = endsAt - nowMs();
			if (left > 0) timer = setTimeout(arm, Math.min(left, longestTimerMs));
			else if (this.remove(call)) onTimeout();
		};
		this.#waiting.set(call, { what, stop: () => clearTimeout(timer) });
		if (timeoutMs !== undefined) arm();
		call.onEnd((reason) => {
			this.remove(call);
			return onEnd?.(reason);
		});
		return pending;
	}

	/** It does not wait any more. */
	remove(call: Call): boolean {
		const waiting = this.#waiting.get(call);
		if (waiting === undefined) return false;
		waiting.stop();
		return this.#waiting.delete(call);
	}

	/** Takes the one that came first. */
	shift(): Call | undefined {
		const first = this.first;
		if (first !== undefined) this.remove(first.call);
		return first?.call;
	}

	/** Takes all. */
	splice(): Call[] {
		const calls = [...this.#waiting.keys()];
		for (const call of calls) this.remove(call);
		return calls;
	}
}
