/**
 * A call as the server sees it: who called, how it is answered, how it ends before that.
 *
 * A method of a SyncManager's object gets it as its first argument. It may return its result or a promise of it; or
 * `pending`, and answer later. Whoever wakes a waiting call answers it at once, in the same step in which it hands over
 * what was waited for: so nothing can come between, and what a cancelled call was about to get, nobody has taken.
 */
import type { EndReason, Session } from './session.ts';

/** What a method returns that will answer the call itself. */
export const pending: unique symbol = Symbol('nprocs.pending') as never;

/** What becomes of the outcome. */
export interface Settle {
	answer(call: Call, value: unknown): void;
	fail(call: Call, error: unknown): void;
	cancel(call: Call): void;
}

export class Call {
	readonly session: Session;
	readonly number: number;
	readonly #settle: Settle;
	#isSettled = false;
	#onEnd: ((reason: EndReason) => boolean | void) | undefined;
	#controller: AbortController | undefined;
	/** Takes the call's effect back; used when its caller dies before he has got the answer. */
	undo: ((call: Call) => void) | undefined;

	constructor(session: Session, number: number, settle: Settle) {
		this.session = session;
		this.number = number;
		this.#settle = settle;
	}

	get isSettled(): boolean {
		return this.#isSettled;
	}

	/** Aborted when the caller gives up or dies. */
	get signal(): AbortSignal {
		return (this.#controller ??= new AbortController()).signal;
	}

	/**
	 * What to do when the call ends before its answer. True: the call is not over yet, and will be by `answer`, `fail`
	 * or `cancel`.
	 */
	onEnd(listener: (reason: EndReason) => boolean | void): void {
		this.#onEnd = listener;
	}

	answer(value: unknown): void {
		if (this.#isSettled) return;
		this.#isSettled = true;
		this.#settle.answer(this, value);
	}

	fail(error: unknown): void {
		if (this.#isSettled) return;
		this.#isSettled = true;
		this.#settle.fail(this, error);
	}

	cancel(): void {
		if (this.#isSettled) return;
		this.#isSettled = true;
		this.#settle.cancel(this);
	}

	/** The caller does not want it any more, or is dead. */
	end(reason: EndReason): void {
		if (this.#isSettled) return;
		this.#controller?.abort(new DOMException('The caller does not wait any more.', 'AbortError'));
		const listener = this.#onEnd;
		this.#onEnd = undefined;
		if (listener?.(reason) !== true) this.cancel();
	}
}
