/** Whether an attempt has given a value or an error meanwhile. */
export type SpinOutcome = 'found' | 'in vain';

/** Lets wakers leave others asleep while somebody is about to look. Each `end…` comes before the next attempt. */
export interface Lookout {
	beginSpin(): void;
	endSpin(outcome: SpinOutcome): void;
	/**
	 * How long the sleep that begins now may be, in milliseconds; undefined for any time: then there is no `endDoze`.
	 */
	beginDoze(): number | undefined;
	endDoze(): void;
	/** An attempt has given a value only because a slice was over: nobody had woken this thread after the change. */
	foundLate(): void;
}
