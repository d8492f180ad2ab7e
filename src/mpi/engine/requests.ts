/** The part of the seam (engine.ts) that completes, cancels and frees requests, whatever they are of. */

/** What somebody waits for: a request, or a message that was not matched yet. For reports on who waits for whom. */
export type Awaited = number | { readonly comm: number; readonly source: number; readonly tag: number };

/** The stack of the program where it awaits something. Undefined: it was asked for now, and is there the next time. */
export type Trace = () => string | undefined;

/** For reports. */
export interface PollOptions {
	/** Any of these may be what makes `advance` true; none, or not given: it is not known. */
	readonly awaited?: () => readonly Awaited[];
	readonly trace?: Trace;
}

export interface Requests {
	/** Waits; the request is free afterwards, and its status is in `status`. */
	wait(request: number): number;
	/** out[0]: 1 when it is complete, then as after wait; else 0. */
	test(request: number): number;
	/**
	 * Waits for one of them: out[0] is its place in the list. It is free then, its status in `status`; the others stay.
	 */
	waitAny(requests: readonly number[]): number;
	cancel(request: number): number;
	/** The operation goes on, nobody asks for it any more. */
	freeRequest(request: number): number;
	/**
	 * Calls back from the event loop, once, as soon as `test` would find it complete. The loop stays alive until then.
	 * The request stays, and is for `test` to free. `trace` is for reports.
	 */
	whenComplete(request: number, callback: () => void, trace?: Trace): void;
	/**
	 * Blocks, making progress, until `advance` gives true; it is called again whenever something may have changed. What
	 * it throws ends the wait. `awaited`: any of these may be what makes it true; none, or not given: it is not known.
	 */
	block(advance: () => boolean, awaited?: () => readonly Awaited[]): void;
	/**
	 * The same in the event loop, which stays alive until then. `advance` does not throw. Whoever changes its answer by
	 * what is none of the engine's calls what this gives, so that it is asked again.
	 */
	poll(advance: () => boolean, options?: PollOptions): () => void;
}
