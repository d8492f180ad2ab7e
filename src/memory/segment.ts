/**
 * A piece of shared memory with a header, an owner question answered by the kernel, and an end.
 *
 * **Who holds it.** Each holder has the file mapped through an open file description with a shared `flock`. The mapping
 * keeps the description alive, so holding costs no descriptor, a forked child holds what its parent held, and a killed
 * process lets go.
 *
 * **Making.** The file is prepared without a name (`O_TMPFILE`), reserved (`fallocate`: a full /dev/shm is an error
 * here and never a SIGBUS later), locked, initialised, and only then linked under its name. Nobody ever sees a
 * half-made or unheld one.
 *
 * **Opening.** Open, take the shared lock, look at the link count: 0 means that it was being removed.
 *
 * **Letting go.** Unmap (the lock goes too), open afresh, try for an exclusive lock. Whoever gets it is alone: when no
 * message carries the object (in-flight.ts), the name is removed while the lock is held, so an opener either came
 * before, and then the lock is refused, or finds the link count 0. If the process dies in between, the janitor finds a
 * file that nobody holds.
 *
 * One thread maps an object once, however many `Segment`s refer to it. The mapping ends with the last `close()`, with
 * the collection of the buffer (not of the Segment: a typed array over it may live longer), or with the process; the
 * addon does the same steps then.
 */
import { ArgumentError, ClosedError, TimeoutError } from '../base/errors.ts';
import { atExit, exitStep, isEndTaken } from '../base/at-exit.ts';
import { forkHook, forkStep } from '../base/at-fork.ts';
import { addon } from '../native/addon.ts';
import type { MappedSegment } from '../native/memory-native.ts';
import { errno, errnoOf, failedBy } from '../native/errno.ts';
import { check, systemError } from '../native/raise.ts';
import { fileError } from './file-error.ts';
import { sweepOnce, collectGarbage } from './janitor.ts';
import {
	checkHeader,
	closedError,
	headerBytes,
	isChannel,
	isSegment,
	readIdentity,
	inFlightByteOffset,
	inFlightCounters,
	writeHeader,
	type Identity,
} from './layout.ts';
import { directory, newName, pathOf } from './names.ts';
import { pidNamespace } from './pid-namespace.ts';
import { followUser, takeUser } from './user-change.ts';

export interface SegmentOptions {
	/** What it is, at most 32 bytes: `'Lock'`, `'Queue'`. */
	kind: string;
	/** The version of the payload's layout. @default 1 */
	version?: number;
	/** The size of the payload in bytes. */
	size: number;
	/** A file name, from names.ts. @default a new one */
	name?: string;
	/** Nothing in it refers to processes: those of other pid namespaces may open it, too. @default false */
	isUnbound?: boolean;
	/** It gets no name in /dev/shm: nobody else will ever see it but who is passed its descriptor. */
	isPrivate?: boolean;
	/**
	 * Fills the payload, before anyone else can see it; perhaps of one that is thrown away because another process was
	 * first.
	 */
	init?: (segment: Segment) => void;
}

export interface OpenOptions {
	/** The version of the payload's layout, as it was given to `create`. @default 1 */
	version?: number;
	/** Map only so many bytes of the payload, of a file that may have grown (extents). @default all */
	size?: number;
}

/** One thread's mapping of one object, shared by all its Segments. */
interface Mapped {
	readonly id: number;
	readonly name: string;
	readonly kind: string;
	readonly buffer: WeakRef<ArrayBuffer>;
	users: number;
}

const mapped = new Map<string, Mapped>();
let prepared = false;

export class Segment implements Disposable {
	/** The file's name in /dev/shm. */
	readonly name: string;
	readonly kind: string;
	/** Whether this call made it. */
	readonly isNew: boolean;
	/**
	 * 64 random bits, the same for all who have it open; the hexadecimal digits of the name that a segment gets by
	 * itself.
	 */
	readonly identity: Identity;
	#buffer: ArrayBuffer | undefined;
	#int32: Int32Array | undefined;
	readonly #mapped: Mapped;

	private constructor(own: Mapped, buffer: ArrayBuffer, { kind, isNew }: { kind: string; isNew: boolean }) {
		this.#mapped = own;
		this.#buffer = buffer;
		this.#int32 = new Int32Array(buffer, headerBytes, (buffer.byteLength - headerBytes) >>> 2);
		this.name = own.name;
		this.kind = kind;
		this.isNew = isNew;
		this.identity = readIdentity(buffer);
		own.users++;
	}

	/** Makes a new one. `ERR_NPROCS_EXISTS` when the name is taken, `ERR_NPROCS_NO_SPACE` when /dev/shm is full. */
	static create(options: SegmentOptions): Segment {
		const made = Segment.#make(options);
		if (made === undefined) throw systemError(errno.EEXIST, `create the ${options.kind} ${options.name}`);
		return made;
	}

	/** Opens an existing one. ClosedError when it does not exist (any more). */
	static open(name: string, kind: string, options: OpenOptions = {}): Segment {
		const found = Segment.#find(name, kind, options);
		if (found === undefined)
			throw new ClosedError(`Cannot open the ${kind} ${name}: it does not exist any more. All who held it have closed it or ended.`);
		return found;
	}

	/** Opens a private one, of which another process has passed the descriptor; that stays the caller's. */
	static adopt(fd: number, { name, kind }: { readonly name: string; readonly kind: string }, options: OpenOptions = {}): Segment {
		return Segment.#find(name, kind, { ...options, fd })!;
	}

	/** Opens it, or makes it when nobody has it; `isNew` tells which. */
	static openOrCreate(options: SegmentOptions & { name: string }): Segment {
		for (;;) {
			const segment = Segment.#find(options.name, options.kind, options) ?? Segment.#make(options);
			if (segment !== undefined) return segment;
		}
	}

	/** The whole file, header included; the payload begins at `Segment.payload`. Its collection closes the segment. */
	get buffer(): ArrayBuffer {
		if (this.#buffer === undefined) throw closedError(this.kind);
		return this.#buffer;
	}

	/** The payload as words. */
	get int32(): Int32Array {
		if (this.#int32 === undefined) throw closedError(this.kind);
		return this.#int32;
	}

	/** The size of the payload in bytes. */
	get size(): number {
		return this.buffer.byteLength - headerBytes;
	}

	/** A new descriptor of a private segment that this process has made; by it others can adopt the segment. */
	descriptor(): number {
		return check(addon().segmentDescriptor(this.nativeId), `pass on a ${this.kind}`);
	}

	/** Its number in the addon. */
	get nativeId(): number {
		return this.#mapped.id;
	}

	get closed(): boolean {
		return this.#buffer === undefined;
	}

	/** Byte offset of the payload in `buffer`; a multiple of 64. */
	static readonly payload: number = headerBytes;

	/** Idempotent. With the last Segment of this thread, views of the buffer become empty. */
	close(): void {
		const buffer = this.#buffer;
		if (buffer === undefined) return;
		this.#buffer = undefined;
		this.#int32 = undefined;
		if (--this.#mapped.users === 0) giveUp(this.#mapped, buffer);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	static #make(options: SegmentOptions): Segment | undefined {
		const { kind, size, version = 1, init, isUnbound = false } = options;
		const random = addon().random64();
		const name = options.name ?? newName(random);
		if (!(Number.isSafeInteger(size) && size >= 0))
			throw new ArgumentError(`Expected the size of a ${kind} to be a number of bytes, got ${size}.`);
		prepare();
		const what = `create a ${kind} of ${size} bytes`;
		const got = checkMapped(addon().segmentCreate(directory, headerBytes + size, pathOf(name), ''), what);
		writeHeader(got.buffer, { kind, version, random, isBound: !isUnbound });
		const segment = new Segment(remember(got, name, kind), got.buffer, { kind, isNew: true });
		let linked = -1;
		try {
			init?.(segment);
			linked = options.isPrivate === true ? 0 : addon().segmentLink(got.id, pathOf(name));
			if (!failedBy(linked, errno.EEXIST)) check(linked, what);
		} finally {
			if (linked < 0) discard(segment.#mapped, got.buffer);
			else mapped.set(name, segment.#mapped);
		}
		return linked < 0 ? undefined : segment;
	}

	static #find(name: string, kind: string, { version = 1, size, fd }: OpenOptions & { readonly fd?: number }): Segment | undefined {
		prepare();
		const known = mapped.get(name);
		const buffer = known?.buffer.deref();
		if (known !== undefined && buffer !== undefined) {
			checkHeader(buffer, { name, kind, version });
			return new Segment(known, buffer, { kind, isNew: false });
		}
		const mostBytes = size === undefined ? 0 : headerBytes + size;
		const result = fd === undefined ? addon().segmentOpen(pathOf(name), '', mostBytes) : addon().segmentAdopt(fd, pathOf(name), mostBytes);
		if (failedBy(result, errno.ENOENT)) return undefined;
		const got = checkMapped(result, `open the ${kind} ${name}`, name);
		const own = remember(got, name, kind);
		try {
			checkHeader(got.buffer, { name, kind, version });
		} catch (error) {
			if (!isSegment(got.buffer)) addon().segmentKeepName(got.id);
			if (addon().segmentGiveUp(got.id, got.buffer) === 1) return undefined; // nobody had it any more
			throw error;
		}
		mapped.set(name, own);
		return new Segment(own, got.buffer, { kind, isNew: false });
	}
}

/**
 * Gives up everything that this process holds, its registry slots too, and removes what nobody else needs. Only for a
 * process that is about to end by `_exit()`: memory is unmapped under the feet of whoever still uses it. A normal end
 * does the same by itself.
 */
export function releaseEverything(): void {
	if (!prepared) return;
	const hadChannel = holdsChannel();
	if (addon().segmentGiveUpAll() > 0 && hadChannel) collectGarbage();
}

/**
 * At the end of this thread. What lies in its queues would be left over otherwise: the addon, when it gives up the
 * rest, does not look into them.
 */
function releaseOwn(): void {
	if (!holdsChannel()) return;
	let removed = 0;
	for (const own of [...mapped.values()]) {
		const buffer = own.buffer.deref();
		if (buffer !== undefined) removed += Math.max(0, discard(own, buffer));
	}
	mapped.clear();
	if (removed > 0) collectGarbage();
}

function holdsChannel(): boolean {
	return [...mapped.values()].some(({ buffer }) => {
		const held = buffer.deref();
		return held !== undefined && isChannel(held);
	});
}

/** The buffer of a segment, if this thread has it open. */
export function bufferOf(name: string): ArrayBuffer | undefined {
	return mapped.get(name)?.buffer.deref();
}

interface Pin {
	readonly mayEnd: () => boolean;
	readonly end: () => void;
}

const pinned = new Set<Pin>();

/**
 * Keeps segments that this thread has open alive until the returned function is called, whoever closes them in the
 * meantime. `mayEnd` looks whether the reason is over, though the event loop has not said so yet: see `endPins`.
 */
export function pinAll(names: readonly string[], mayEnd: () => boolean): () => void {
	const pins: { own: Mapped; buffer: ArrayBuffer }[] = [];
	for (const name of names) {
		const own = mapped.get(name);
		const buffer = own?.buffer.deref();
		if (own === undefined || buffer === undefined) continue;
		own.users++;
		pins.push({ own, buffer });
	}
	const end = (): void => {
		pinned.delete(pin);
		for (const { own, buffer } of pins.splice(0)) if (--own.users === 0) giveUp(own, buffer);
	};
	const pin: Pin = { mayEnd, end };
	endPinsAtFork();
	pinned.add(pin);
	return end;
}

/**
 * Ends the pins that are not needed any more. For a thread that blocks until nobody holds an object: its event loop
 * does not get to it.
 */
export function endPins(): void {
	for (const { mayEnd, end } of [...pinned]) if (mayEnd()) end();
}

/** What the original keeps alive for others is not the copy's to keep. */
const endPinsAtFork = forkHook({
	step: forkStep.duties,
	inCopy() {
		for (const { end } of [...pinned]) end();
	},
});

/** To be called before the first use of the addon's segments. */
export function prepare(): void {
	if (prepared) {
		if (followUser(() => [...mapped.values()].filter(({ buffer }) => buffer.deref() !== undefined))) collectGarbage();
		return;
	}
	pidNamespace(); // without it nothing works
	prepared = true;
	takeUser();
	addon().setInFlightCounters(inFlightByteOffset, inFlightCounters);
	atExit(exitStep.release, () => (isEndTaken() ? releaseEverything() : releaseOwn()));
	sweepOnce();
}

const collected = new FinalizationRegistry<Mapped>((own) => {
	if (mapped.get(own.name) === own) mapped.delete(own.name);
});

function remember(got: MappedSegment, name: string, kind: string): Mapped {
	const own: Mapped = { id: got.id, name, kind, buffer: new WeakRef(got.buffer), users: 0 };
	collected.register(got.buffer, own, own);
	return own;
}

function giveUp(own: Mapped, buffer: ArrayBuffer): void {
	if (buffer.byteLength === 0) return; // given up at the end of this process, after which some microtasks still run
	mapped.delete(own.name);
	const wasChannel = isChannel(buffer);
	if (discard(own, buffer) === 1 && wasChannel) collectGarbage();
}

/** Gives the mapping up. Returns 1 when its name was removed. */
function discard(own: Mapped, buffer: ArrayBuffer): number {
	collected.unregister(own);
	return addon().segmentGiveUp(own.id, buffer);
}

function checkMapped(result: MappedSegment | number, what: string, name?: string): MappedSegment {
	if (typeof result !== 'number') return result;
	if (failedBy(result, errno.ETIMEDOUT)) {
		throw new TimeoutError(`Cannot ${what}: a process is removing it and has been stopped half-way.`);
	}
	throw fileError(errnoOf(result), what, name);
}
