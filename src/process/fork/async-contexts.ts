/**
 * Node keeps a stack of the asynchronous contexts that are entered: one for each callback, tick, `queueMicrotask` and
 * `AsyncResource.runInAsyncScope`, and one for each promise reaction as long as there are hooks. The code that leaves
 * them again is JavaScript, which a forked copy unwinds without running it; so Node would find the caller's contexts on
 * the stack when the copy's first callback ends, and abort.
 *
 * There is one way to empty it, which Node takes itself for an error that nobody has caught and somebody deals with, to
 * the same end: nothing that is on the JavaScript stack goes on.
 */

type Uncaught = (this: NodeJS.Process, error: Error) => boolean;

/** To be called in the copy, before it is unwound. */
export function leaveAsyncContexts(): void {
	const handle = (process as { _fatalException?: Uncaught })._fatalException;
	// Who has set such a callback would be called.
	if (typeof handle !== 'function' || process.hasUncaughtExceptionCaptureCallback()) return;
	const own = Object.getOwnPropertyDescriptor(process, 'emit');
	// Neither the program's handlers nor its monitors hear of it.
	Object.defineProperty(process, 'emit', { configurable: true, value: () => true });
	try {
		handle.call(process, new Error('The process was forked.'));
	} finally {
		if (own === undefined) Reflect.deleteProperty(process, 'emit');
		else Object.defineProperty(process, 'emit', own);
	}
}
