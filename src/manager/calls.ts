/**
 * The calls of a client that have not been answered. One of them ends by its answer; when its caller gives up, by the
 * server's word that it is cancelled, so that both sides know whether it has had an effect; and when that does not come
 * either (the server is busy or stopped), without it.
 */
import { clearTimeout, longestTimerMs, nowMs, setTimeout } from '../base/clock.ts';
import { TimeoutError } from '../base/errors.ts';
import type { Deadline } from '../base/deadline.ts';
import { addLocalStack } from '../codec/remote-error.ts';
import type { CallOptions } from './proxy.ts';

export interface PendingCall {
	/** Of the object. */
	readonly id: number;
	readonly method: string;
	readonly settle: (value: unknown) => void;
	readonly fail: (error: unknown) => void;
	/** For a blocked caller, who knows himself where he is: takes what a method threw as it came. */
	readonly threw?: (error: unknown) => void;
	/** Where it was called, if that is known. */
	readonly site: Site | undefined;
	readonly options: CallOptions | undefined;
	/** Why its caller has given up. */
	givenUp?: { reason: unknown };
	/** Its caller knows the outcome: nobody waits for the answer. */
	isOver?: boolean;
	/** Ends timers and listeners. */
	release?: () => void;
}

/** Where a call was made. */
export interface Site {
	readonly stack?: string;
}

/** So long a server may take to say that a call is cancelled. */
export const graceMs = 1000;
/** With more calls in flight than this, no stacks are kept: they cost more than the calls. */
const mostSites = 32;

export class Calls {
	readonly #pending = new Map<number, PendingCall>();
	#last = 0;
	readonly #cancel: (number: number) => void;
	readonly #onIdle: () => void;
	#awaited = 0;

	/** `cancel` tells the server; `onIdle` hears that nobody waits any more. */
	constructor(cancel: (number: number) => void, onIdle: () => void) {
		this.#cancel = cancel;
		this.#onIdle = onIdle;
	}

	/** Whether somebody waits for an answer. */
	get areAwaited(): boolean {
		return this.#awaited > 0;
	}

	next(): number {
		this.#last = this.#last === 0x7fff_ffff ? 1 : this.#last + 1;
		return this.#last;
	}

	site(): Site | undefined {
		if (this.#pending.size >= mostSites) return undefined;
		const site = {};
		Error.captureStackTrace(site);
		return site;
	}

	add(number: number, call: PendingCall): void {
		this.#pending.set(number, call);
		this.#awaited++;
	}

	/** In the event loop: the caller may give up. */
	watch(number: number, deadline: Deadline): void {
		const call = this.#pending.get(number)!;
		let timer: NodeJS.Timeout | undefined;
		const stop = (): void => {
			clearTimeout(timer);
			deadline.signal?.removeEventListener('abort', onAbort);
		};
		const onAbort = (): void => {
			stop();
			this.giveUp(number, deadline.signal?.reason);
		};
		const extraMs = call.options?.isServersToo === true ? graceMs : 0;
		const arm = (): void => {
			if (deadline.at === Infinity) return;
			const left = deadline.at - nowMs() + extraMs;
			if (deadline.isImmediate || left <= 0) timer = setTimeout(() => this.giveUp(number, lateError(call)), deadline.isImmediate ? extraMs : 0);
			else timer = setTimeout(arm, Math.min(left, longestTimerMs));
		};
		deadline.signal?.addEventListener('abort', onAbort, { once: true });
		call.release = stop;
		arm();
	}

	/**
	 * The caller has lost patience: tells the server, and waits a little for what it says, if the call has effects that
	 * must be known of.
	 */
	giveUp(number: number, reason: unknown): void {
		const call = this.#pending.get(number);
		if (call === undefined || call.givenUp !== undefined) return;
		call.givenUp = { reason };
		this.#cancel(number);
		if (call.options?.isServersToo !== true) return this.#end(call);
		const timer = setTimeout(() => this.#end(call), graceMs);
		call.release = () => clearTimeout(timer);
	}

	/** For a blocked caller, whose patience is the grace already. */
	abandon(number: number): void {
		const call = this.#pending.get(number);
		if (call === undefined) return;
		call.givenUp = { reason: undefined };
		this.#cancel(number);
		this.#end(call);
	}

	#end(call: PendingCall): void {
		call.isOver = true;
		call.fail(call.givenUp?.reason);
		if (--this.#awaited === 0) this.#onIdle();
	}

	/** Undefined when nobody knows of it any more. */
	take(number: number): PendingCall | undefined {
		const call = this.#pending.get(number);
		if (call === undefined) return undefined;
		this.#pending.delete(number);
		if (call.isOver !== true) this.#awaited--;
		call.release?.();
		return call;
	}

	/** Every call ends so. */
	failAll(makeError: (call: PendingCall) => unknown): void {
		const calls = [...this.#pending.values()];
		this.forget();
		for (const call of calls) if (call.isOver !== true) call.fail(makeError(call));
	}

	/** In a forked copy of the process they are the parent's. */
	forget(): void {
		for (const { release } of this.#pending.values()) release?.();
		this.#pending.clear();
		this.#awaited = 0;
	}
}

export function lateError({ method }: { readonly method: string }): TimeoutError {
	return new TimeoutError(`${method}() has not returned in time.`);
}

/** Makes what a method threw an error of here as well. */
export function asThrownHere(error: unknown, { method, site }: Pick<PendingCall, 'method' | 'site'>): unknown {
	addLocalStack(error, `the manager's server, in ${method}()`, { stack: callersOf(site) });
	return error;
}

const library = new URL('..', import.meta.url).href;

/** The lines of the stack from the program's own call on. */
export function callersOf(site: Site | undefined): string {
	const lines = (site?.stack ?? '').split('\n').slice(1);
	const first = lines.findIndex((line) => !line.includes(library));
	return first < 0 ? '' : lines.slice(first).join('\n');
}
