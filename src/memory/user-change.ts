/**
 * A process may change its user (`process.setuid`) while it takes part.
 *
 * What a thread holds refers to its slot in the registry of the user that it had. It can be used on, by all who have it
 * open; but processes of the new user have another registry, and cannot open the files of the former one. So the thread
 * goes over to that of its new user when it makes or opens an object and holds nothing else; while it does, that is an
 * error.
 */
import { NprocsError } from '../base/errors.ts';
import { userId } from '../native/user.ts';

/** What registry.ts calls its segment, which a thread can leave. */
export const registryKind = 'Registry';

/** As whom this thread takes part. */
let user = 0;
const listeners = new Set<() => void>();

/** To be called at the first use of shared memory. */
export function takeUser(): void {
	user = userId();
}

/** Called when this thread goes over to the participants of another user. */
export function onUserChange(listener: () => void): void {
	listeners.add(listener);
}

/**
 * To be called before an object is made or opened. `held` lists what this thread holds. True when this thread has gone
 * over to another user just now.
 */
export function followUser(held: () => { readonly kind: string }[]): boolean {
	if (userId() === user) return false;
	const kept = held().filter(({ kind }) => kind !== registryKind);
	if (kept.length > 0) throw cannotFollow([...new Set(kept.map(({ kind }) => kind))], kept.length);
	for (const listener of listeners) listener();
	user = userId();
	return true;
}

function cannotFollow(kinds: readonly string[], count: number): NprocsError {
	return new NprocsError(
		`Cannot make or open a shared object: this process has changed its user from ${user} to ${userId()}, and still has ${count} open of the former one (${kinds.join(', ')}).` +
			' Those can be used on. Make what is needed before the change, or close() all of it first.',
		{ code: 'ERR_NPROCS_USER_CHANGED' },
	);
}
