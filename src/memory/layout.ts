/**
 * The header of every segment, in 32-bit words; the payload begins at `headerBytes`.
 *
 *   0      magic
 *   1      version of this layout
 *   2      the payload's layout version, as the kind's owner counts it
 *   3      flags: 1 = other objects were sent through this one (it is a channel)
 *   4, 5   identity: 64 random bits. Names an object where a name would be too long
 *   6      the pid namespace in which it was made, and in which it may be opened; 0 = in any, since nothing in it
 *          refers to a process
 *   7      reserved
 *   8-15   kind, UTF-8, padded with zeros
 *   16-31  reserved
 *   32-    in flight: 128 counters of 64 bits, see in-flight.ts
 */
import { ClosedError, NprocsError } from '../base/errors.ts';
import { pidNamespace } from './pid-namespace.ts';

export const headerBytes = 1152;
export const inFlightByteOffset = 128;
export const inFlightCounters = 128;
/** In the place of a channel's hash: the counter of all those that found no counter of their own. */
export const anyChannel = 0xffff_ffff;

const magic = 0x4e50_5231;
const layoutVersion = 2;
const word = { magic: 0, layout: 1, version: 2, flags: 3, identityHigh: 4, identityLow: 5, pidNamespace: 6, kind: 8 } as const;
const kindBytes = 32;
const channelFlag = 1;

export interface Identity {
	readonly high: number;
	readonly low: number;
}

export interface HeaderContent {
	readonly kind: string;
	/** The version of the payload's layout. */
	readonly version: number;
	/** 16 hexadecimal digits. */
	readonly random: string;
	/** Whether something in it refers to processes, so that it has a meaning in one pid namespace only. */
	readonly isBound: boolean;
}

export function writeHeader(buffer: ArrayBuffer, { kind, version, random, isBound }: HeaderContent): void {
	const words = new Int32Array(buffer, 0, headerBytes / 4);
	words[word.magic] = magic;
	words[word.layout] = layoutVersion;
	words[word.version] = version;
	words[word.identityHigh] = Number.parseInt(random.slice(0, 8), 16);
	words[word.identityLow] = Number.parseInt(random.slice(8), 16);
	words[word.pidNamespace] = isBound ? pidNamespace() : 0;
	new TextEncoder().encodeInto(kind, new Uint8Array(buffer, word.kind * 4, kindBytes));
}

/** Throws a clear error when this is no segment, one of another version, or of another kind. */
export function checkHeader(buffer: ArrayBuffer, { name, kind, version }: { name: string; kind: string; version: number }): void {
	const found = readKind(buffer);
	if (found === undefined) throw new NprocsError(`Cannot open ${name}: it is not a segment of nprocs.`, { code: 'ERR_NPROCS_BAD_SEGMENT' });
	const words = new Int32Array(buffer, 0, headerBytes / 4);
	if (words[word.layout] !== layoutVersion || words[word.version] !== version) {
		throw new NprocsError(`Cannot open ${name}: another version of nprocs made it. Use one version in all processes that share objects.`, {
			code: 'ERR_NPROCS_VERSION',
		});
	}
	if (found !== kind) throw new NprocsError(`Cannot open ${name} as a ${kind}: it is a ${found}.`, { code: 'ERR_NPROCS_WRONG_KIND' });
	if (words[word.pidNamespace] !== 0 && words[word.pidNamespace] !== (pidNamespace() | 0)) throw otherPidNamespace(name, kind);
}

function otherPidNamespace(name: string, kind: string): NprocsError {
	return new NprocsError(
		`Cannot open the ${kind} ${name}: a process of another pid namespace (another container) has made it, and neither could tell whether the other still lives.` +
			' Let both share one pid namespace, or give them namespaces of their own by the environment variable NPROCS_NAMESPACE.',
		{ code: 'ERR_NPROCS_OTHER_PID_NAMESPACE' },
	);
}

/** Whether it is one of ours, made by a version of the library with this layout. */
export function isSegment(buffer: ArrayBuffer): boolean {
	return readKind(buffer) !== undefined && new Int32Array(buffer, 0, 2)[word.layout] === layoutVersion;
}

/** The kind that a header names; undefined when this is no segment of ours. A copy of a header will do. */
export function readKind(buffer: ArrayBuffer, byteOffset = 0): string | undefined {
	if (buffer.byteLength - byteOffset < headerBytes || new Int32Array(buffer, byteOffset, 1)[0] !== magic) return undefined;
	const bytes = new Uint8Array(buffer, byteOffset + word.kind * 4, kindBytes).slice();
	const end = bytes.indexOf(0);
	return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

export function readIdentity(buffer: ArrayBuffer, byteOffset = 0): Identity {
	const words = new Int32Array(buffer, byteOffset, headerBytes / 4);
	return { high: words[word.identityHigh]!, low: words[word.identityLow]! };
}

export function markChannel(buffer: ArrayBuffer): void {
	Atomics.or(new Int32Array(buffer, 0, headerBytes / 4), word.flags, channelFlag);
}

/** Whether anything was ever sent through the segment. A copy of its header will do. */
export function isChannel(buffer: ArrayBuffer, byteOffset = 0): boolean {
	return (Atomics.load(new Int32Array(buffer, byteOffset, headerBytes / 4), word.flags) & channelFlag) !== 0;
}

export function closedError(kind: string): ClosedError {
	return new ClosedError(`Cannot use this ${kind}: it was closed here. Keep it open as long as it is used.`);
}
