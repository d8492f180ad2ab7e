/**
 * Large arrays of values between ranks that share memory: each goes as cargo (stream/cargo.ts), a file in /dev/shm that
 * the sender fills and whose mapping is the receiver's ArrayBuffer. That is one copy in all, and mostly into memory
 * that is there already. Through the engine's blocks there are two, and the second one goes into fresh memory, which
 * the kernel takes ten times as long to give as copying takes.
 *
 * The message that names the files is sent synchronously, as one of that length that goes through blocks would be: who
 * sends faster than its receiver takes has but one message in /dev/shm. Where that has no room, the array is a message
 * of its own, as on all other engines. The carrier of the files is the job's segment: what nobody has received when the
 * job ends, or when its receiver is killed, goes with it.
 */
import { statfsSync } from 'node:fs';
import { markCarrier } from '../../../memory/layout.ts';
import { directory } from '../../../memory/names.ts';
import { bufferOf } from '../../../memory/segment.ts';
import { dropCargo, openCargo, writeCargo, type Cargo } from '../../../stream/cargo.ts';
import { jobPlace } from '../../job-place.ts';
import { engine } from '../environment/lifecycle.ts';

/** What a payload goes as: the length of its message, or cargo. */
export type Carriage = number | Cargo;

/**
 * Shorter arrays cost as much through blocks, whose copies go on at once, and need no file. Measured, processor time of
 * a rank for one array: 64 MiB 43 ms, by blocks 214 ms; from 2 to 16 MiB no difference that could be told.
 */
export const cargoBytes: number = 2 ** 22;
/** This part of what is free in /dev/shm is left to others. */
const shareLeft = 1 / 2;

/** Writes those that are long enough into cargo. */
export function loadCargo(payloads: readonly Uint8Array[]): Carriage[] {
	const carrier = payloads.some(({ length }) => length >= cargoBytes) ? carrierHere() : undefined;
	return payloads.map((payload) => (carrier === undefined || payload.length < cargoBytes ? payload.length : loadOne(payload, carrier)));
}

/** Of a message that was not sent after all. */
export function unloadCargo(carriages: readonly Carriage[]): void {
	for (const carriage of carriages) if (typeof carriage !== 'number') dropCargo(carriage[0]);
}

/** All payloads of a message, of which `messages` came as such. */
export function withCargo(carriages: readonly Carriage[], messages: readonly ArrayBuffer[]): readonly ArrayBuffer[] {
	if (messages.length === carriages.length) return messages;
	let next = 0;
	return carriages.map((carriage) => (typeof carriage === 'number' ? messages[next++]! : openCargo(carriage)));
}

export function cargoBytesOf(carriages: readonly Carriage[]): number {
	return carriages.reduce<number>((bytes, carriage) => bytes + (typeof carriage === 'number' ? 0 : carriage[1]), 0);
}

/** The job's segment; undefined where there is none that the ranks share. */
function carrierHere(): string | undefined {
	if (!engine().sharesMemory) return undefined;
	const name = jobPlace()?.segment;
	const buffer = name === undefined ? undefined : bufferOf(name);
	if (buffer !== undefined) markCarrier(buffer);
	return buffer === undefined ? undefined : name;
}

function loadOne(payload: Uint8Array, carrier: string): Carriage {
	const { bavail, bsize } = statfsSync(directory);
	if (payload.length > bavail * bsize * (1 - shareLeft)) return payload.length;
	try {
		return [writeCargo(payload, carrier), payload.length];
	} catch {
		return payload.length; // no room, or no descriptors: a message needs neither
	}
}
