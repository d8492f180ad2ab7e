/**
 * Functions of the module `MPI`, for the trace (launcher/trace.ts): it can replace methods of classes, but not what a
 * module exports. Those that may wait, or talk to the engine, go through here.
 */

/** Runs `call`, which is the function `name` of the module. */
export type Observer = <T>(name: string, call: () => T) => T;

/** From now on, `observer` is told of each call. */
export function observeCalls(observer: Observer): void {
	current = observer;
}

export function observed<T>(name: string, call: () => T): T {
	return current === undefined ? call() : current(name, call);
}

let current: Observer | undefined;
