/**
 * What is large in a message goes out-of-band (the term of Python's pickle protocol 5): one file in /dev/shm for each
 * large typed array, and for a body that is large in itself, written once by the sender and mapped by the receiver,
 * whose ArrayBuffer is that mapping: no second copy. When the receiver's buffer has been collected, the sender may fill
 * the file again (out-of-band-pool.ts): memory that is there already costs a tenth of fresh memory.
 *
 * Each file is a segment as all others. Its header says from birth in which channel (the stream's segment) it is in
 * flight, so that the janitor removes it when the message was lost; the receiver clears that when it has mapped it. The
 * sender holds it for as long as it may fill it again. Whoever of both finds that the other one does not need the name
 * removes it:
 *
 *   sender:    [fill, or make]  use = 1, in flight = the stream  →  publish  →  …  →  let go, at any time, which
 *              removes the name unless a message carries it
 *   receiver:  map  →  in flight = 0  →  remove the name if the sender has let go  →  …  →  collected: use = 0, unmap
 *
 * What the receiver has given back stays mapped for a while, for the file's next filling: a fresh mapping costs more
 * than the copying, most of all in virtual machines. A sender that lets go says so in the file, then looks whether it
 * is in use; the receiver says that it is not, then looks whether the sender has let go. So one of both frees what is
 * inside: the sender its pages, or the receiver its mapping.
 *
 * Whoever dies in between leaves a file that is in use for ever in its sender's eyes, who lets go of it soon; a name
 * that nobody holds is the janitor's.
 */
import { rmSync } from 'node:fs';
import { errno, errnoOf, failedBy } from '../native/errno.ts';
import { fileError } from '../memory/file-error.ts';
import { headerBytes, inFlightByteOffset, writeHeader } from '../memory/layout.ts';
import { directory, newName, pathOf } from '../memory/names.ts';
import { prepare } from '../memory/segment.ts';
import { onUserChange } from '../memory/user-change.ts';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { collectReceived } from './out-of-band-collection.ts';
import { OutOfBandPool, load, type OutOfBandFile } from './out-of-band-pool.ts';

/** A file, as messages name it: its name, and the size of what is inside in bytes. */
export type OutOfBand = [string, number];

export function writeOutOfBand(data: Uint8Array, channel: string): string {
	return pool().fill(data, channel) ?? make(data, channel);
}

/** Makes it an ArrayBuffer of its size. */
export function openOutOfBand([name, size]: OutOfBand): ArrayBuffer {
	collectReceived(size);
	const opened = addon().openOutOfBand(pathOf(name), size, offsets);
	if (typeof opened === 'number') throw fileError(errnoOf(opened), `receive ${size} bytes through shared memory`, name);
	return opened;
}

/**
 * To be called for a message that was not sent after all. Its file may be gone already: with the stream, which the
 * program has closed while the message waited.
 */
export function dropOutOfBand(name: string): void {
	if (!pool().unload(name)) rmSync(pathOf(name), { force: true });
}

/** To be called when a stream has been closed here. */
export function closeOutOfBandOf(channel: string): void {
	madePool?.closeThoseOf(channel);
}

let madePool: OutOfBandPool | undefined;
/** Made at its first use, since importing the library has no side effect. */
const pool = (): OutOfBandPool => (madePool ??= makePool());

function makePool(): OutOfBandPool {
	const made = new OutOfBandPool();
	onUserChange(() => made.closeAll()); // whoever receives a file must be its owner
	return made;
}

/** The header has a page of its own. */
const dataByteOffset = 4096;
const useByteOffset = headerBytes;
const letGoByteOffset = headerBytes + 4;
const offsets = Uint32Array.of(inFlightByteOffset, useByteOffset, letGoByteOffset, dataByteOffset);
const head = new Uint8Array(dataByteOffset);

function make(data: Uint8Array, channel: string): string {
	prepare();
	writeHeader(head.buffer, { kind: 'OutOfBand', version: 2, random: addon().random64(), isBound: true });
	load(wordsIn(head.buffer), channel);
	const name = newName();
	const what = `send ${data.length} bytes through shared memory`;
	const write = (): ReturnType<ReturnType<typeof addon>['segmentCreateFilled']> => addon().segmentCreateFilled(directory, pathOf(name), head, data);
	let made = write();
	if (failedBy(made, errno.ENOSPC) && pool().clear()) made = write();
	if (typeof made === 'number') throw fileError(errnoOf(made), what);
	const { id, buffer } = made;
	const linked = addon().segmentLink(id, pathOf(name));
	if (linked < 0) addon().segmentGiveUp(id, buffer);
	check(linked, what);
	const letGo = (): void => {
		freeUnlessUsed(name, buffer);
		addon().segmentGiveUp(id, buffer);
	};
	pool().add({ name, data: new Uint8Array(buffer, dataByteOffset), ...wordsIn(buffer), letGo }, channel);
	return name;
}

/**
 * Says that its sender lets go of the file, and frees its memory unless a receiver still needs what is inside; such a
 * one frees it later.
 */
function freeUnlessUsed(name: string, buffer: ArrayBuffer): void {
	Atomics.store(new Int32Array(buffer, letGoByteOffset, 1), 0, 1);
	if (Atomics.load(wordsIn(buffer).use, 0) === 0)
		addon().releaseExtent(pathOf(name), dataByteOffset, wholePages(buffer.byteLength - dataByteOffset));
}

const wholePages = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;

function wordsIn(buffer: ArrayBuffer): Pick<OutOfBandFile, 'inFlight' | 'use'> {
	return { inFlight: new BigUint64Array(buffer, inFlightByteOffset, 1), use: new Int32Array(buffer, useByteOffset, 1) };
}
