/**
 * An object of a SyncManager, as it lies in the server. Its methods are those of its kind in methods.ts; each gets the
 * call as its first argument, since it may wait, and since who holds something must be known.
 */
export abstract class Referent {
	/** The class of its proxies. */
	abstract readonly kind: string;
	/** What to show of it. */
	abstract readonly content: unknown;

	/** Nobody refers to it any more. */
	end?(): void;
}
