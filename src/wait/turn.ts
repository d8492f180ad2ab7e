/**
 * A call that needs not wait resolves at once, so a loop of such calls would run in microtasks alone and nothing else
 * of the program would: no timer, no signal handler, no other socket. So one call in so many lets the event loop turn
 * first, or a call after so long a time.
 */
import { setImmediate, nowMs } from '../base/clock.ts';

const callsPerTurn = 256;
/** The clock is looked at once in so many calls: a look costs about as much as a call. */
const callsPerLook = 16;
const msPerTurn = 2;
let calls = 0;
let turnedAtMs = 0;

export function isTurnDue(): boolean {
	return ++calls >= callsPerTurn || (calls % callsPerLook === 0 && nowMs() - turnedAtMs > msPerTurn);
}

/** The same for a caller who has looked at the clock already. */
export function isTurnDueAt(nowMs: number): boolean {
	return nowMs - turnedAtMs > msPerTurn;
}

export function turn(): Promise<void> {
	calls = 0;
	turnedAtMs = nowMs();
	return new Promise((resolve) => {
		setImmediate(resolve);
	});
}
