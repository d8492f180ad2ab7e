/** The functions of `native/bind/inheritance_bind.cc`. Results below 0 are `-errno` (errno.ts). */
export interface InheritanceNative {
	/**
	 * A number that is another one when this thread's ids, groups, capabilities, session, root directory, namespaces …
	 * are others.
	 */
	credentialsStamp(): number;
	/**
	 * How many bytes attributes are: nice, scheduling, processors, limits, oom_score_adj, blocked signals. They begin
	 * with the 64 bits of the latter, and the saved user and group id.
	 */
	attributesSize(): number;
	/** What a child of this thread would have. */
	readAttributes(into: Uint8Array): number;
	/** Whether a process that has the first may take over the second without any right to do so. */
	canTakeAttributes(from: Uint8Array, to: Uint8Array): boolean;
	/** Gives them to this thread and process; all that can be given, even if one is refused. */
	takeAttributes(attributes: Uint8Array): number;
}
