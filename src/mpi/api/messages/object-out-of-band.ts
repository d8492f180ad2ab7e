/**
 * Large arrays of values between ranks that share memory: each goes out-of-band (stream/out-of-band.ts), as a file in
 * /dev/shm that the sender fills and whose mapping is the receiver's ArrayBuffer. That is one copy in all, and mostly
 * into memory that is there already. Through the engine's blocks there are two, and the second one goes into fresh
 * memory, which the kernel takes ten times as long to give as copying takes.
 *
 * The message that names the files is sent synchronously, as one of that length that goes through blocks would be: who
 * sends faster than its receiver takes has but one message in /dev/shm. Where that has no room, the array is a message
 * of its own, as on all other engines. The files are in flight in the job's segment: what nobody has received when the
 * job ends, or when its receiver is killed, goes with it.
 */
import { statfsSync } from 'node:fs';
import { markChannel } from '../../../memory/layout.ts';
import { directory } from '../../../memory/names.ts';
import { bufferOf } from '../../../memory/segment.ts';
import { dropOutOfBand, openOutOfBand, writeOutOfBand, type OutOfBand } from '../../../stream/out-of-band.ts';
import { jobChannel } from '../../job-place.ts';
import { engine } from '../environment/lifecycle.ts';

/** Where a payload is: in a message of this length, or out-of-band. */
export type Placement = number | OutOfBand;

/**
 * Shorter arrays cost as much through blocks, whose copies go on at once, and need no file. Measured, processor time of
 * a rank for one array: 64 MiB 43 ms, by blocks 214 ms; from 2 to 16 MiB no difference that could be told.
 */
export const leastOutOfBandBytes: number = 2 ** 22;
/** This part of what is free in /dev/shm is left to others. */
const shareLeft = 1 / 2;

/** Writes those that are long enough into files. */
export function placePayloads(payloads: readonly Uint8Array[]): Placement[] {
	const channel = payloads.some(({ length }) => length >= leastOutOfBandBytes) ? channelHere() : undefined;
	return payloads.map((payload) => (channel === undefined || payload.length < leastOutOfBandBytes ? payload.length : placeOne(payload, channel)));
}

/** Of a message that was not sent after all. */
export function dropPlaced(placements: readonly Placement[]): void {
	for (const placement of placements) if (typeof placement !== 'number') dropOutOfBand(placement[0]);
}

/** All payloads of a message, of which `messages` came as such. */
export function gatherPayloads(placements: readonly Placement[], messages: readonly ArrayBuffer[]): readonly ArrayBuffer[] {
	if (messages.length === placements.length) return messages;
	let next = 0;
	return placements.map((placement) => (typeof placement === 'number' ? messages[next++]! : openOutOfBand(placement)));
}

export function outOfBandBytesOf(placements: readonly Placement[]): number {
	return placements.reduce<number>((bytes, placement) => bytes + (typeof placement === 'number' ? 0 : placement[1]), 0);
}

/** The job's segment; undefined where there is none that the ranks share. */
function channelHere(): string | undefined {
	if (!engine().sharesMemory) return undefined;
	const name = jobChannel();
	const buffer = name === undefined ? undefined : bufferOf(name);
	if (buffer !== undefined) markChannel(buffer);
	return buffer === undefined ? undefined : name;
}

function placeOne(payload: Uint8Array, channel: string): Placement {
	const { bavail, bsize } = statfsSync(directory);
	if (payload.length > bavail * bsize * (1 - shareLeft)) return payload.length;
	try {
		return [writeOutOfBand(payload, channel), payload.length];
	} catch {
		return payload.length; // no room, or no descriptors: a message needs neither
	}
}
