/**
 * What a message carries stays alive while the message is on its way, though its sender may have closed it or died.
 *
 * A message is in flight in a *channel*, a segment: of a queue, a pipe, an MPI job, or one that the sender made for the
 * purpose. The header of each segment has 128 counters of 64 bits: the high half is a hash of a channel's name, the low
 * half says how many messages in that channel refer to this segment. 0 is a free counter. All changes are one
 * compare-and-swap of the whole, so a process may die between any two steps. Counters are claimed as entries of any
 * table are (claim.ts); those of channels that do not exist any more are swept when there is no free one. The last
 * counter is for all channels that found none even then: `anyChannel`.
 *
 *   sender:    retain (before the message is published)  →  publish  →  may close
 *   receiver:  take the message  →  open the object  →  release
 *
 * Whoever dies in between leaves a counter that is too high, never one too low. It keeps the name in /dev/shm at most
 * as long as the channel's: the janitor takes counters of channels that do not exist any more for 0, and that of any
 * channel when none is left. Two channels whose names have one hash keep each other's references a little longer.
 */
import { closeSync, readdirSync, readSync } from 'node:fs';
import type { Handle } from '../codec/handle.ts';
import { NprocsError } from '../base/errors.ts';
import { addon } from '../native/addon.ts';
import { offerAll, ticketsOf, withdrawAll } from './descriptors.ts';
import { claim, type Keys } from './claim.ts';
import { anyChannel, markChannel, inFlightByteOffset, inFlightCounters } from './layout.ts';
import { directory, hashOf, pathOf } from './names.ts';
import { bufferOf, type Segment } from './segment.ts';

/**
 * Counts one more message in `channel` that refers to the segment. `channel` is the name of a segment; the segment must
 * be open here.
 */
export function retain(segment: Segment | string, channel: string): void {
	const counters = countersOf(bufferFor(segment));
	const channelBuffer = bufferOf(channel);
	if (channelBuffer !== undefined) markChannel(channelBuffer);
	if (addOne(counters, counterFor(channel, 0n))) return;
	const keys = keysOf(counters);
	let living: Set<number> | undefined;
	const mayFree = (value: bigint): boolean => !(living ??= livingKeys()).has(Number(value >> 32n));
	if (claim(keys, { owner: counterFor(channel, 1n), count: ownCounters, mayFree }) >= 0) return;
	while (!addOne(counters, anyChannelKey)) keys.swap(ownCounters, 0n, anyChannelKey);
}

/**
 * Counts one message less. Nothing happens when there is no such counter: whoever opened the segment late has lost
 * nothing.
 */
export function release(segment: Segment | string, channel: string): void {
	const buffer = typeof segment === 'string' ? bufferOf(segment) : segment.buffer;
	if (buffer === undefined) return;
	const counters = countersOf(buffer);
	if (!takeOne(counters, counterFor(channel, 0n))) takeOne(counters, anyChannelKey);
}

/** False when no counter has this key, the hash in a counter's high half. */
function addOne(counters: BigUint64Array, key: bigint): boolean {
	return change(counters, key, (value) => value + 1n);
}

function takeOne(counters: BigUint64Array, key: bigint): boolean {
	return change(counters, key, (value) => ((value & 0xffff_ffffn) <= 1n ? 0n : value - 1n));
}

function change(counters: BigUint64Array, key: bigint, next: (value: bigint) => bigint): boolean {
	for (let index = 0; index < inFlightCounters; index++) {
		let value = Atomics.load(counters, index);
		while (value !== 0n && value >> 32n === key >> 32n) {
			const seen = Atomics.compareExchange(counters, index, value, next(value));
			if (seen === value) return true;
			value = seen;
		}
	}
	return false;
}

/** All counters but the last, which is for any channel. */
const ownCounters = inFlightCounters - 1;
const anyChannelKey = BigInt(anyChannel) << 32n;

function keysOf(counters: BigUint64Array): Keys<bigint> {
	return {
		nobody: 0n,
		load: (index) => Atomics.load(counters, index),
		swap: (index, from, to) => Atomics.compareExchange(counters, index, from, to) === from,
	};
}

/** The keys of all files that there are, other users' too. */
function livingKeys(): Set<number> {
	return new Set(readdirSync(directory).map(hashOf));
}

/** The value of a counter that says: so many messages in this channel. */
export function counterFor(channel: string, messages: bigint): bigint {
	return (BigInt(hashOf(channel)) << 32n) | messages;
}

/** To be called before the message with these handles is published. Counts all of them or none. */
export function retainAll(handles: readonly Handle[], channel: string): void {
	const done: string[] = [];
	try {
		for (const name of namesIn(handles)) {
			retain(name, channel);
			done.push(name);
		}
		offerAll(handles, channel);
	} catch (error) {
		for (const name of done) release(name, channel);
		throw error;
	}
}

/** To be called by the sender when the message was not published after all. */
export function releaseAll(handles: readonly Handle[], channel: string): void {
	for (const name of namesIn(handles)) release(name, channel);
	withdrawAll(ticketsOf(handles));
}

/** Whether a message in `channel` refers to a segment, which need not be open here. */
export function isInFlight(name: string, channel: string): boolean {
	const buffer = bufferOf(name);
	const counters = buffer === undefined ? readCounters(name) : countersOf(buffer);
	return counters.some((value) => value >> 32n === BigInt(hashOf(channel)) || value >> 32n === BigInt(anyChannel));
}

function readCounters(name: string): BigUint64Array {
	const counters = new BigUint64Array(inFlightCounters);
	const fd = addon().openToRead(pathOf(name));
	if (fd < 0) return counters; // it does not exist any more
	readSync(fd, counters, 0, counters.byteLength, inFlightByteOffset);
	closeSync(fd);
	return counters;
}

function* namesIn(handles: readonly Handle[]): Iterable<string> {
	for (const handle of handles) yield* handle.segments;
}

function bufferFor(segment: Segment | string): ArrayBuffer {
	if (typeof segment !== 'string') return segment.buffer;
	const buffer = bufferOf(segment);
	if (buffer === undefined) {
		throw new NprocsError(`Cannot send a shared object: its segment ${segment} is not open here.`, { code: 'ERR_NPROCS_CLOSED' });
	}
	return buffer;
}

function countersOf(buffer: ArrayBuffer): BigUint64Array {
	return new BigUint64Array(buffer, inFlightByteOffset, inFlightCounters);
}
