/**
 * What our files in /dev/shm are called.
 *
 *   nprocs-<uid>-<16 hex>            an object without a name of its own
 *   nprocs-<uid>-<16 hex>.sender     a side of the queue whose name it extends; .receiver, the other one
 *   nprocs-<uid>-<16 hex>.block      the memory of the SharedMemory whose name it extends, without a header
 *   nprocs-<uid>-n-<kind>-<name>     an object that its user has named, so that unrelated processes can open it
 *   nprocs-<uid>-registry-<n>        the registry of participants of pid namespace n
 *
 * The user's id (the effective one) is in every name, so that users do not meet, and one user's janitor leaves the
 * others' files alone. With the environment variable NPROCS_NAMESPACE set (letters and digits), that comes next:
 * programs of different namespaces do not see each other.
 */
import { ArgumentError } from '../base/errors.ts';
import { addon } from '../native/addon.ts';
import { userId } from '../native/user.ts';
import { pidNamespace } from './pid-namespace.ts';

export const directory = '/dev/shm';

/** A file's name may have 255 bytes; the rest is ours. */
const maxNameLength = 180;

export function pathOf(name: string): string {
	return `${directory}/${name}`;
}

/** How the names of all our files of this user begin. */
export function prefix(): string {
	return `nprocs-${userId()}-${(cachedNamespace ??= namespace())}`;
}

let cachedNamespace: string | undefined;

function namespace(): string {
	const name = process.env['NPROCS_NAMESPACE'] ?? '';
	if (!/^[A-Za-z0-9]{0,32}$/.test(name) || name === 'n' || name === 'registry') {
		throw new ArgumentError(
			`Expected the environment variable NPROCS_NAMESPACE to be at most 32 letters and digits, and not "n" or "registry", got ${JSON.stringify(name)}.`,
		);
	}
	return name === '' ? '' : `${name}-`;
}

/** Whether a name that begins with the prefix is one of ours, and not one of another namespace or of something else. */
export function isName(name: string): boolean {
	return /^([0-9a-f]{16}(\.(block|sender|receiver))?|n-.*|registry-\d+)$/.test(name.slice(prefix().length));
}

/** A name that no one else has, from 16 random hexadecimal digits. */
export function newName(random: string = addon().random64()): string {
	return prefix() + random;
}

/** The segment that stands for a side of a queue. */
export function sideName(queue: string, side: 'sender' | 'receiver'): string {
	return `${queue}.${side}`;
}

/** The file of an object that its user called `name`. The same name may be used once for each kind. */
export function objectName(kind: string, name: string): string {
	if (typeof name !== 'string' || name.length === 0 || name.length > maxNameLength || !/^[A-Za-z0-9._-]+$/.test(name)) {
		throw new ArgumentError(
			`Expected the name of a ${kind} to be 1 to ${maxNameLength} characters out of A-Z, a-z, 0-9, ".", "_" and "-", got ${typeof name === 'string' ? JSON.stringify(name) : typeof name}.`,
		);
	}
	return `${prefix()}n-${kind}-${name}`;
}

/** Processes of different pid namespaces may share /dev/shm, but cannot look after each other. */
export function registryName(): string {
	return `${prefix()}registry-${pidNamespace()}`;
}

/** 32 bits of a name, never 0: how a channel is written down in what is in flight in it. FNV-1a. */
export function hashOf(name: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
	return hash >>> 0 || 1;
}
