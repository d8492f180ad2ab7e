/**
 * The user that this process acts as, wherever the library asks for one: whose files it makes and opens, whose messages
 * it trusts.
 */

/** The effective user id, now: a process may give it up. */
export function userId(): number {
	return process.geteuid?.() ?? 0;
}
