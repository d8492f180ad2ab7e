/**
 * A promise that can tell where it is awaited: for the report on ranks that wait for each other for ever.
 *
 * Where an `await` stands is not on the stack of whoever it calls, and noting the stack of each call that gives a
 * request would cost as much as the call. V8 knows it all the same: the stack of an async function goes on with those
 * who await the function's promise. So who wants to know has the promise follow that of an async function, which looks
 * at its own stack when it has been resumed. Nothing of it is done for a promise that nobody asks about.
 */

export interface Awaitable<T> {
	readonly promise: Promise<T>;
	readonly resolve: (value: T) => void;
	readonly reject: (error: unknown) => void;
	/** The stack of who awaits it; undefined when asked for the first time: it is there some microtasks later. */
	readonly trace: () => string | undefined;
}

export function awaitable<T>(): Awaitable<T> {
	let end!: { readonly resolve: (value: T | PromiseLike<T>) => void; readonly reject: (error: unknown) => void };
	let stack: string | undefined;
	let isAsked = false;
	const promise = new Promise<T>((resolve, reject) => (end = { resolve, reject }));
	const lookAtStack = async (): Promise<T> => {
		const followed = new Promise<T>((resolve, reject) => (end = { resolve, reject }));
		for (let turn = 0; turn < turnsToFollow; turn++) await Promise.resolve();
		stack = stackHere();
		return followed;
	};
	return {
		promise,
		resolve: (value) => end.resolve(value),
		reject: (error) => end.reject(error),
		trace() {
			if (!isAsked) {
				isAsked = true;
				const { resolve } = end;
				resolve(lookAtStack());
			}
			return stack;
		},
	};
}

/** Microtasks until a promise follows another one by which it was resolved, and one more. */
const turnsToFollow = 3;

function stackHere(): string {
	const limit = Error.stackTraceLimit;
	Error.stackTraceLimit = 30;
	const { stack = '' } = new Error();
	Error.stackTraceLimit = limit;
	return stack;
}
