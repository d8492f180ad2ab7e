/**
 * The out-of-band files that this thread has made and may fill again (out-of-band.ts): the kernel takes ten times as
 * long to give fresh memory, and to take it back, as it takes to copy an array into memory that is there.
 *
 * Nobody else ever fills them. A file is *in use* from its filling until its receiver's buffer has been collected; the
 * receiver says so in one word. Whether in use or not, this thread can let go of a file at any time, and does when it
 * has not filled it for a second, or when they are too many: files whose receivers keep their arrays, or have been
 * killed, so leave the pool. Then what is in use lives as long as its users.
 *
 * A forked copy of this process has no part in it.
 */
import { existsSync, statfsSync } from 'node:fs';
import { atExit, exitStep } from '../base/at-exit.ts';
import { atFork, forkStep } from '../base/at-fork.ts';
import { setTimeout, nowMs } from '../base/clock.ts';
import { directory, pathOf } from '../memory/names.ts';
import { counterFor } from '../memory/in-flight.ts';

/** A file that this thread holds. */
export interface OutOfBandFile {
	readonly name: string;
	/** Where its content lies. */
	readonly data: Uint8Array;
	/** One word: in which channel it is in flight, in the form of in-flight.ts; 0 when in none. */
	readonly inFlight: BigUint64Array;
	/** One word: 1 while it is on its way, or its receiver needs it. */
	readonly use: Int32Array;
	readonly letGo: () => void;
}

interface Filling {
	/** When it was filled, by `nowMs`. */
	readonly at: number;
	/** The name of the channel in which it is in flight, or was. */
	readonly channel: string;
}

/** Whoever has just one that is larger need not keep it, and whoever has many has no memory for it. */
const mostBytesOfOne = 2 ** 26;
const mostBytes = 2 ** 28;
/** How much of /dev/shm one thread may have in its pool: in containers it has 64 MiB. */
const shareOfAll = 1 / 16;
const idleMs = 1000;

export class OutOfBandPool {
	/** With their latest filling, the oldest first. */
	readonly #files = new Map<OutOfBandFile, Filling>();
	#bytes = 0;
	#limit: number | undefined;
	#isTicking = false;

	constructor() {
		atFork({ step: forkStep.duties, inCopy: () => this.#forget() });
		atExit(exitStep.disconnect, () => this.closeAll());
	}

	/**
	 * The name of a file that nobody uses and that is not much too large, with `data` in it; undefined when there is
	 * none.
	 */
	fill(data: Uint8Array, channel: string): string | undefined {
		this.#closeIdle();
		let best: OutOfBandFile | undefined;
		for (const file of this.#files.keys()) {
			const { length } = file.data;
			if (length < data.length || length > 2 * data.length || (best !== undefined && length >= best.data.length)) continue;
			// Paired with the receiver's store when it has unmapped it (native/os/linux/out_of_band.cc).
			if (Atomics.load(file.use, 0) === 0) best = file;
			if (best?.data.length === data.length) break;
		}
		if (best === undefined) return undefined;
		best.data.set(data);
		load(best, channel);
		this.#note(best, channel);
		return best.name;
	}

	/** Takes over a file that has just been filled. */
	add(file: OutOfBandFile, channel: string): void {
		const size = file.data.length;
		this.#limit ??= mostBytesHere();
		if (size > mostBytesOfOne || size > this.#limit) return file.letGo();
		while (this.#bytes + size > this.#limit) this.#close(this.#unused()[0] ?? this.#oldest()!);
		this.#bytes += size;
		this.#note(file, channel);
		this.#tickLater();
	}

	/**
	 * The message with this file was not sent after all: it may be filled again. False when this pool has no such file.
	 */
	unload(name: string): boolean {
		const file = [...this.#files.keys()].find((file) => file.name === name);
		if (file === undefined) return false;
		Atomics.store(file.inFlight, 0, 0n);
		Atomics.store(file.use, 0, 0);
		return true;
	}

	/** To be called when a stream has been closed here: the files that it has carried at last are not worth keeping. */
	closeThoseOf(channel: string): void {
		for (const [file, filling] of [...this.#files]) if (filling.channel === channel) this.#close(file);
	}

	/** Lets go of all files that nobody uses. Says whether there was one. */
	clear(): boolean {
		const unused = this.#unused();
		for (const file of unused) this.#close(file);
		return unused.length > 0;
	}

	#unused(): OutOfBandFile[] {
		return [...this.#files.keys()].filter((file) => Atomics.load(file.use, 0) === 0);
	}

	#oldest(): OutOfBandFile | undefined {
		return this.#files.keys().next().value;
	}

	#note(file: OutOfBandFile, channel: string): void {
		this.#files.delete(file);
		this.#files.set(file, { at: nowMs(), channel });
	}

	#tickLater(): void {
		if (this.#isTicking || this.#files.size === 0) return;
		this.#isTicking = true;
		setTimeout(() => {
			this.#isTicking = false;
			this.#closeIdle();
			this.#tickLater();
		}, idleMs).unref();
	}

	#closeIdle(): void {
		const before = nowMs() - idleMs;
		for (let file = this.#oldest(); file !== undefined && this.#files.get(file)!.at < before; file = this.#oldest()) this.#close(file);
	}

	#close(file: OutOfBandFile): void {
		const { channel } = this.#files.get(file)!;
		this.#files.delete(file);
		this.#bytes -= file.data.length;
		if (Atomics.load(file.inFlight, 0) !== 0n && !existsSync(pathOf(channel))) Atomics.store(file.inFlight, 0, 0n);
		file.letGo();
	}

	/** To be called before the streams are given up (segment.ts), whose end is the end of what they carry. */
	closeAll(): void {
		for (const file of [...this.#files.keys()]) this.#close(file);
	}

	/** To be called in a copy of this process, which must not fill the original's files. */
	#forget(): void {
		this.#files.clear();
		this.#bytes = 0;
		this.#isTicking = false;
	}
}

/** Says in the file's header that it is in flight, in one message of the channel. */
export function load({ inFlight, use }: Pick<OutOfBandFile, 'inFlight' | 'use'>, channel: string): void {
	Atomics.store(use, 0, 1);
	Atomics.store(inFlight, 0, counterFor(channel, 1n));
}

function mostBytesHere(): number {
	const { blocks, bsize } = statfsSync(directory);
	return Math.min(mostBytes, blocks * bsize * shareOfAll);
}
