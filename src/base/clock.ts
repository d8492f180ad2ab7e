/**
 * The clock and the timers of the library: Node's own, taken when the library is loaded. Test tools replace those that
 * programs see (`performance.now`, `Date`, `setTimeout`, `queueMicrotask`), to make time stand still or jump; what
 * waits for another process must go on all the same, for that one's time is real.
 *
 * The timers come from `node:timers` and not from the global scope, which test runners make anew for each file, with
 * false timers in it if they are told so.
 */
const { hrtime } = process;
const timers = process.getBuiltinModule('node:timers');

export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers;
export const { queueMicrotask } = globalThis;

/** The longest time that one of Node's timers can run; one for longer goes off at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** Milliseconds of a clock that only goes forward, since some moment before the process began. */
export function nowMs(): number {
	const time = hrtime();
	return time[0] * 1e3 + time[1] / 1e6;
}
