/**
 * What a process inherits from its parent beside environment, directory and umask, and what the forkserver, which forks
 * it, has instead: as the parent was when the forkserver began.
 *
 * - **Credentials** (user and group ids, groups, capabilities, no_new_privs, seccomp, session, root directory,
 *   namespaces) cannot be given to a child, and must not be: it would have more rights than its parent. A process whose
 *   credentials are others than its forkserver's starts another one, whose they are.
 * - **Attributes** (nice, scheduling, processors, limits, oom_score_adj, blocked signals) go with the request where
 *   they differ from the forkserver's, and the child takes them over. Where that needs a right (a limit is raised
 *   again), it is another forkserver, too.
 *
 * The library keeps to that by itself. That a program which has given up its user cannot use an old forkserver by
 * whatever it sends there is the kernel's: a message to a forkserver is refused when its sender has other ids
 * (`refuseOtherIds`).
 */
import { addon } from '../../native/addon.ts';
import { check } from '../../native/raise.ts';

/** Of a forkserver. */
export interface Inheritance {
	readonly credentials: number;
	readonly attributes: Uint8Array;
}

/** Of this thread, now. */
export function ownInheritance(): Inheritance {
	return { credentials: addon().credentialsStamp(), attributes: ownAttributes() };
}

export function areSame(one: Inheritance, other: Inheritance): boolean {
	return one.credentials === other.credentials && Buffer.compare(one.attributes, other.attributes) === 0;
}

/**
 * How a forkserver with `base` can make a child of this thread: what its request must say; `'unable'` when it cannot.
 */
export function inheritedFrom(base: Inheritance): { attributes?: string } | 'unable' {
	if (addon().credentialsStamp() !== base.credentials) return 'unable';
	const own = readInto(scratch());
	if (Buffer.compare(own, base.attributes) === 0) return nothingElse;
	return addon().canTakeAttributes(base.attributes, own) ? { attributes: asText(own) } : 'unable';
}

/**
 * For a new Node process, which has all of it from the kernel but the saved ids, which an `execve` changes, and the
 * blocked signals, which Node lets come.
 */
export function lostBySpawn(): { attributes?: string } {
	const own = readInto(scratch());
	const saved = new Uint32Array(own.buffer, 8, 2);
	const isLost = own.subarray(0, 8).some((byte) => byte !== 0) || saved[0] !== process.geteuid?.() || saved[1] !== process.getegid?.();
	return isLost ? { attributes: asText(own) } : nothingElse;
}

/** In the child. */
export function takeAttributes(text: string | undefined): void {
	if (text !== undefined) check(addon().takeAttributes(fromText(text)), 'take over the limits and priorities of the parent process');
}

export function asText(attributes: Uint8Array): string {
	return Buffer.from(attributes.buffer, attributes.byteOffset, attributes.length).toString('base64');
}

export function fromText(text: string): Uint8Array {
	return new Uint8Array(Buffer.from(text, 'base64'));
}

const nothingElse = {};
let shared: Uint8Array | undefined;

function scratch(): Uint8Array {
	return (shared ??= new Uint8Array(addon().attributesSize()));
}

function ownAttributes(): Uint8Array {
	return readInto(new Uint8Array(addon().attributesSize()));
}

function readInto(attributes: Uint8Array): Uint8Array {
	check(addon().readAttributes(attributes), 'read limits and priorities');
	return attributes;
}
