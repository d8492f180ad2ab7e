/** One thing that `nprocs doctor` looked at. */
export type Verdict = 'ok' | 'warning' | 'error' | 'info';

export interface Finding {
	readonly what: string;
	readonly verdict: Verdict;
	readonly detail: string;
	/** What to do about it. */
	readonly advice?: string;
}
