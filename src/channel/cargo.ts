/**
 * What is large in a message: one file in /dev/shm for each large typed array (and for a body that is large in itself), written once by the sender
 * and mapped by the receiver, whose ArrayBuffer is that mapping: no second copy, and the memory is free when the buffer is collected.
 *
 * Cargo is a segment as all others: its header says from birth which carrier (the stream's segment) carries it, so that the janitor removes it when
 * the message was lost. The receiver removes its name at once.
 *
 * **Receivers that never let their event loop turn.** Node ends the mapping of a collected buffer in the event loop. In a thread that only makes blocking calls
 * it would never end, and the memory would be full some day. So after a gibibyte without a turn, cargo is copied into ordinary memory, which V8 frees by itself.
 */
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { atFork } from '../base/at-fork.ts';
import { readFully } from '../base/read-fully.ts';
import { transitByteOffset, transitCounters, writeHeader } from '../memory/layout.ts';
import { directory, keyOf, newName, pathOf } from '../memory/names.ts';
import { addon } from '../native/addon.ts';
import { check, systemError } from '../native/raise.ts';

/** name, size in bytes */
export type Cargo = [string, number];

export function writeCargo(data: Uint8Array, carrier: string): string {
	if (headCarrier !== carrier) {
		writeHeader(head.buffer, 'Cargo', 1, addon().random64());
		new BigUint64Array(head.buffer, transitByteOffset, transitCounters)[0] = (BigInt(keyOf(carrier)) << 32n) | 1n;
		headCarrier = carrier;
	}
	const name = newName();
	check(addon().writeFile(directory, pathOf(name), head, data), `send ${data.length} bytes through shared memory`);
	return name;
}

/** Makes it an ArrayBuffer of its size, and removes its name. */
export function openCargo([name, size]: Cargo): ArrayBuffer {
	const path = pathOf(name);
	const buffer = mappedBytes + size > mostMappedBytes && mappedBytes > 0 ? copyFrom(path, size) : map(path, size);
	unlinkSync(path);
	return buffer;
}

/** The header of a cargo file, so that what follows can be mapped alone. */
const pageBytes = 4096;
const head = new Uint8Array(pageBytes);
let headCarrier = '';

const mostMappedBytes = 2 ** 30;
/** Since the event loop has turned. */
let mappedBytes = 0;

function forgetMapped(): void {
	mappedBytes = 0;
}

atFork({ inChild: forgetMapped }); // what was to call it is the parent's

function map(path: string, size: number): ArrayBuffer {
	const mapped = addon().mapExtent(path, pageBytes, size);
	if (typeof mapped === 'number') throw systemError(-mapped, `receive ${size} bytes through shared memory`);
	if (mappedBytes === 0) setImmediate(forgetMapped).unref();
	mappedBytes += size;
	return mapped;
}

function copyFrom(path: string, size: number): ArrayBuffer {
	const bytes = Buffer.allocUnsafeSlow(size); // all of it is read, or this throws
	const fd = openSync(path, 'r');
	try {
		if (readFully(fd, bytes, pageBytes) < size) throw systemError(constants.errno.EIO, `receive ${size} bytes through shared memory`);
	} finally {
		closeSync(fd);
	}
	return bytes.buffer;
}
