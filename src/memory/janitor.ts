/**
 * Removes what killed processes left in /dev/shm: segments that nobody holds and that are in flight in no living
 * channel.
 *
 * Nobody holds a file when an exclusive lock on it is granted; every segment appears under its name already held, so
 * there is no moment at which a living one looks abandoned. The rest is mark and sweep: held files are the roots; an
 * unheld one lives when a living channel has a counter in it (in-flight.ts). So two queues that carry each other do not
 * keep each other. The locks of all unheld files are kept until the end, so that nobody can open one of them in
 * between; who tries waits for microseconds. So does another janitor: all lock in the order of names, and one who took
 * the other's locks for those of holders would keep alive what they carry.
 *
 * It runs when a program first uses a segment, when a channel is removed, soon after a child was killed, when a
 * forkserver ends, when somebody asks whether a message can still be received (holders.ts), and as `npx nprocs gc`.
 */
import { closeSync, readdirSync, readSync, unlinkSync } from 'node:fs';
import { forkHook, forkStep } from '../base/at-fork.ts';
import { setTimeout } from '../base/clock.ts';
import { addon } from '../native/addon.ts';
import { closeAll } from '../native/descriptor.ts';
import { errno, errnoOf, failedBy } from '../native/errno.ts';
import { anyChannel, headerBytes, isChannel, readKind, inFlightByteOffset, inFlightCounters } from './layout.ts';
import { directory, isName, hashOf, pathOf, prefix } from './names.ts';

/** A raw block without a header belongs to the segment whose name it extends by this. */
export const blockSuffix = '.block';

interface Unheld {
	readonly name: string;
	readonly fd: number;
	/** Hashes of the names of the channels in which it is in flight. */
	readonly channels: readonly number[];
}

let swept = false;

/** To be called at the first use of a segment in a program. A forked child inherits that it was done. */
export function sweepOnce(): void {
	if (swept) return;
	swept = true;
	collectGarbage();
}

/** To be called in a child that was started by somebody who has swept just now. */
export function skipSweep(): void {
	swept = true;
}

/**
 * To be called when another process is seen to have been killed: what only that one held is garbage, and so is what
 * lies in its queues. It is removed a second later, so that many deaths are one sweep; a process that ends before that
 * sweeps at its end.
 */
export function sweepSoon(): void {
	if (isSweepDue) return;
	isSweepDue = true;
	renewAtFork();
	setTimeout(() => {
		isSweepDue = false;
		collectGarbage();
	}, sweepDelayMs).unref();
}

const sweepDelayMs = 1000;
let isSweepDue = false;
const renewAtFork = forkHook({ step: forkStep.waits, inCopy: () => void (isSweepDue = false) });

/** Removes all garbage of this user. Returns the names that were removed. */
export function collectGarbage(): string[] {
	const looked: { name: string; file: Unheld | 'held' | undefined }[] = [];
	let isStuck = false;
	for (const name of listNames().toSorted()) {
		// After a janitor that was stopped half-way, the rest is left to the next sweep: each file that it has locked
		// would be waited for anew.
		const file: ReturnType<typeof lockUnheld> = isStuck ? 'held' : lockUnheld(name);
		isStuck ||= file === 'locked';
		looked.push({ name, file: file === 'locked' ? 'held' : file });
	}
	const held = looked.filter(({ file }) => file === 'held').map(({ name }) => name);
	const unheld = looked.map(({ file }) => file).filter((file) => typeof file === 'object');
	try {
		const living = mark(held, unheld);
		return unheld.filter(({ name }) => !living.has(hashOf(name)) && remove(name)).map(({ name }) => name);
	} finally {
		closeAll(unheld.map(({ fd }) => fd));
	}
}

/** The names of this user's files that are ours. */
export function listNames(): string[] {
	return listPrefixed().filter(isName);
}

/** All names in /dev/shm that begin as ours do. */
export function listPrefixed(): string[] {
	const start = prefix();
	try {
		return readdirSync(directory).filter((name) => name.startsWith(start));
	} catch {
		return [];
	}
}

/**
 * `'locked'` by another janitor, for longer than one takes; `'held'` also when it cannot be told (too many open files:
 * the next sweep will). Undefined when it is gone, or nothing of ours: that is left alone.
 */
function lockUnheld(name: string): Unheld | 'held' | 'locked' | undefined {
	const fd = addon().openExclusive(pathOf(name));
	if (failedBy(fd, errno.ETIMEDOUT)) return 'locked';
	if (fd < 0) return [errno.ENOENT, errno.EINVAL, errno.EACCES].includes(errnoOf(fd)) ? undefined : 'held';
	if (name.endsWith(blockSuffix)) return { name, fd, channels: [hashOf(name.slice(0, -blockSuffix.length))] };
	const header = new ArrayBuffer(headerBytes);
	readSync(fd, new Uint8Array(header), 0, headerBytes, 0);
	if (readKind(header) !== undefined) return { name, fd, channels: readChannels(header) };
	addon().closeFd(fd);
	return undefined;
}

function readChannels(header: ArrayBuffer): number[] {
	const counters = new BigUint64Array(header, inFlightByteOffset, inFlightCounters);
	return [...counters].filter((value) => value !== 0n).map((value) => Number(value >> 32n));
}

/** Hashes of all living names. */
function mark(held: readonly string[], unheld: readonly Unheld[]): Set<number> {
	const living = new Set(held.map(hashOf));
	if (unheld.some(({ channels }) => channels.includes(anyChannel)) && held.some(mayCarry)) living.add(anyChannel);
	let before: number;
	do {
		before = living.size;
		for (const { name, channels } of unheld) {
			if (channels.some((channel) => living.has(channel))) living.add(hashOf(name));
		}
	} while (living.size > before);
	return living;
}

/** Whether anything was ever sent through the segment of this name. One that is gone carries nothing. */
function mayCarry(name: string): boolean {
	const fd = addon().openToRead(pathOf(name));
	if (fd < 0) return false;
	const header = new ArrayBuffer(headerBytes);
	readSync(fd, new Uint8Array(header), 0, headerBytes, 0);
	closeSync(fd);
	return readKind(header) !== undefined && isChannel(header);
}

function remove(name: string): boolean {
	try {
		unlinkSync(pathOf(name));
		return true;
	} catch {
		return false;
	}
}
