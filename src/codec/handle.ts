/**
 * How a shared object travels inside a value without the codec knowing its class.
 *
 * An object that lives outside its process (a Lock, a Queue, a Connection …) has a method under the symbol
 * `toHandle`. The encoder calls it and writes the `Handle` in place of the object; the decoder finds the opener
 * registered for the handle's kind. Each layer registers its own kinds.
 *
 * A kind that is registered by a part of the library which is loaded later (base/parts.ts) names that part:
 * `socket:Connection`. So whoever gets such an object opens it, though nothing in this process has used what it belongs
 * to.
 *
 * Who sends the bytes keeps the object alive on its way, in three steps, at any of which a process may die
 * (memory/in-flight.ts):
 *   1. the sender calls `retainAll` for the handles that `encode` collected, before the message is published;
 *   2. the receiver's `decode` opens each handle, so that the receiver holds the object itself;
 *   3. the receiver calls `release` for each segment.
 */
import { ArgumentError, ClosedError } from '../base/errors.ts';
import { loadPart } from '../base/parts.ts';

/** What is written in place of a shared object. */
export interface Handle {
	/** Which opener understands it: `'Lock'`, `'Queue'`, `'pool:Link'`, … */
	readonly kind: string;
	/** Plain data (structured clone), as the opener wants it: the segment's name first of all. */
	readonly data: unknown;
	/** Names of the segments that must stay alive until the receiver has opened the handle. */
	readonly segments: readonly string[];
	/** Not written: it goes beside the bytes, or is fetched (memory/descriptors.ts). */
	readonly descriptor?: PassedDescriptor;
}

/** An open file of the sender's that the receiver needs a copy of. */
export interface PassedDescriptor {
	/** Tells it apart from all others, anywhere; a part of the handle's `data`, for the opener to ask for it. */
	readonly ticket: string;
	/** Valid until it was sent, or copied to be fetched: at once after `encode`. */
	readonly fd: number;
}

/** Whether anything is to be kept or sent for it; what lives in another process is but data here. */
export function isKeptInFlight({ segments, descriptor }: Handle): boolean {
	return segments.length > 0 || descriptor !== undefined;
}

export const toHandle: unique symbol = Symbol.for('nprocs.toHandle') as never;

export interface Shareable {
	[toHandle](): Handle;
}

export function isShareable(value: object): value is Shareable {
	return typeof (value as Partial<Shareable>)[toHandle] === 'function';
}

type Opener = (data: never) => Shareable;
const openers = new Map<string, Opener>();

/**
 * Tells the codec how to open handles of a kind. Called once per kind, when its module is loaded; if that is not with
 * the core, the kind begins with `part:`.
 */
export function registerKind<Data>(kind: string, open: (data: Data) => Shareable): void {
	if (openers.has(kind)) throw new ArgumentError(`The kind ${kind} is registered already.`);
	openers.set(kind, open as Opener);
}

/** Opens what `toHandle` wrote, here. Throws ClosedError when the object does not exist any more. */
export function openHandle(handle: Handle): Shareable {
	const open = openers.get(handle.kind) ?? loadOpener(handle.kind);
	if (open === undefined) {
		throw new ClosedError(
			`Cannot open a shared ${nameOfKind(handle.kind)}: this process has not loaded the part of nprocs that knows it. Import it from 'nprocs'.`,
		);
	}
	return open(handle.data as never);
}

/** As its user calls it. */
export function nameOfKind(kind: string): string {
	return kind.slice(kind.indexOf(':') + 1);
}

/** The part of the library that registers it; undefined when that is the core. */
export function partOfKind(kind: string): string | undefined {
	const end = kind.indexOf(':');
	return end > 0 ? kind.slice(0, end) : undefined;
}

function loadOpener(kind: string): Opener | undefined {
	const part = partOfKind(kind);
	if (part !== undefined) loadPart(part);
	return openers.get(kind);
}
