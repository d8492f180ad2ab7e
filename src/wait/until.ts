/**
 * Waiting in the event loop: the end of a wait by its time or its signal (`whenOver`), and whole waits for something
 * that calls back or for a promise.
 *
 * A signal gets one listener, however many waits end with it: Node warns of a leak when there are more than ten, and
 * looks through all of them when one is taken away.
 */
import { clearTimeout, longestTimerMs, setTimeout } from '../base/clock.ts';
import type { Deadline } from '../base/deadline.ts';

/**
 * Resolves with true when `subscribe`'s callback is called, with false when the deadline has passed; rejects with the
 * signal's reason when aborted. Whatever happens, the subscription is ended.
 */
export async function until(deadline: Deadline, subscribe: (onEvent: () => void) => () => void): Promise<boolean> {
	const found = await firstOf<true>(deadline, (settle) => subscribe(() => settle(() => true)));
	return found === true;
}

/**
 * As the promise; undefined when the deadline has passed before it was settled. What becomes of it later is nobody's
 * business then.
 */
export function untilSettled<T>(deadline: Deadline, promise: Promise<T>): Promise<T | undefined> {
	return firstOf(deadline, (settle) => {
		promise.then(
			(value) => settle(() => value),
			(error: unknown) =>
				settle(() => {
					throw error;
				}),
		);
		return () => {};
	});
}

/** Resolves with undefined when the deadline has passed. */
export function pauseFor(deadline: Deadline): Promise<undefined> {
	return firstOf<undefined>(deadline, () => () => {});
}

/**
 * Resolves with what the function gives that `settle` is first called with; with undefined when the deadline has passed
 * before. Rejects with the signal's reason when aborted, also when it was before. Whatever happens, the subscription is
 * ended.
 */
export function firstOf<T>(deadline: Deadline, subscribe: (settle: (outcome: () => T) => void) => () => void): Promise<T | undefined> {
	return new Promise((resolve, reject) => {
		deadline.signal?.throwIfAborted(); // no event will tell of it any more
		let isOver = false;
		let unsubscribe: (() => void) | undefined;
		const finish = (outcome: () => T | undefined): void => {
			if (isOver) return;
			isOver = true;
			disarm();
			unsubscribe?.();
			try {
				resolve(outcome());
			} catch (error) {
				reject(error as Error);
			}
		};
		const disarm = whenOver(
			deadline,
			() => finish(() => undefined),
			(reason) =>
				finish(() => {
					throw reason;
				}),
		);
		try {
			unsubscribe = subscribe(finish);
		} catch (error) {
			disarm();
			throw error;
		}
		if (isOver) unsubscribe(); // it has called back at once
	});
}

/**
 * Calls one of the two functions once, in a later turn of the event loop: `onTime` when the deadline has passed,
 * `onAbort` with the signal's reason when it is aborted from now on. Returns what keeps both from being called.
 */
export function whenOver(deadline: Deadline, onTime: () => void, onAbort: (reason: unknown) => void): () => void {
	const { signal } = deadline;
	let timer: NodeJS.Timeout | undefined;
	const disarm = (): void => {
		clearTimeout(timer);
		if (signal !== undefined) removeAbortListener(signal, abort);
	};
	const abort = (): void => {
		disarm();
		onAbort(signal!.reason);
	};
	const look = (): void => {
		const leftMs = deadline.left();
		if (leftMs > 0) return arm(leftMs);
		disarm();
		onTime();
	};
	const arm = (leftMs: number): void => {
		timer = setTimeout(look, Math.min(leftMs, longestTimerMs));
	};
	const leftMs = deadline.left();
	if (leftMs !== Infinity) arm(leftMs);
	if (signal !== undefined) addAbortListener(signal, abort);
	return disarm;
}

interface Aborted {
	readonly callbacks: Set<() => void>;
	readonly listener: () => void;
}

const aborted = new WeakMap<AbortSignal, Aborted>();

function addAbortListener(signal: AbortSignal, callback: () => void): void {
	let entry = aborted.get(signal);
	if (entry === undefined) {
		const callbacks = new Set<() => void>();
		entry = {
			callbacks,
			listener() {
				for (const each of [...callbacks]) if (callbacks.has(each)) each();
			},
		};
		aborted.set(signal, entry);
		signal.addEventListener('abort', entry.listener);
	}
	entry.callbacks.add(callback);
}

function removeAbortListener(signal: AbortSignal, callback: () => void): void {
	const entry = aborted.get(signal);
	if (entry === undefined || !entry.callbacks.delete(callback) || entry.callbacks.size > 0) return;
	signal.removeEventListener('abort', entry.listener);
	aborted.delete(signal);
}
