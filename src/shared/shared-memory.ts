/**
 * A block of raw memory, with the file layout of Python's `multiprocessing.shared_memory`: the file is the block,
 * nothing else.
 *
 * **With a name** it is a POSIX shared memory object: any program that knows the name can open it, and it stays until
 * `unlink()`.
 *
 * **Without one** it lives as all our objects do: while a process has it open or a message carries it. Since the block
 * itself has no room for a header, a segment of its own looks after it (name `X`; the block is `X.block`): who holds
 * the block holds the segment, messages carry the segment, and the block's name goes when the segment is gone and
 * nobody has the block mapped. The block is linked first, held already; so the janitor can tell one that is being made
 * (held) from one whose maker was killed (not held, no segment).
 */
import { unlinkSync } from 'node:fs';
import { inspect } from 'node:util';
import { aBoolean, anything, checkOptions, describe } from '../base/arguments.ts';
import { ArgumentError, NprocsError } from '../base/errors.ts';
import { registerKind, toHandle, type Handle, type Shareable } from '../codec/handle.ts';
import { addon } from '../native/addon.ts';
import type { Guard, MappedSegment } from '../native/memory-native.ts';
import { errno, errnoOf, failedBy } from '../native/errno.ts';
import { check, systemError } from '../native/raise.ts';
import { fileError } from '../memory/file-error.ts';
import { blockSuffix } from '../memory/janitor.ts';
import { closedError } from '../memory/layout.ts';
import { directory, newName, pathOf, prefix } from '../memory/names.ts';
import { prepare, Segment } from '../memory/segment.ts';

export interface SharedMemoryOptions {
	/** Opens, or with `create` makes, the block of this name, which then stays until `unlink()`. */
	name?: string | undefined;
	/** Makes a new block. @default false */
	create?: boolean | undefined;
	/** Bytes of a new block; more than 0. An existing one has the size that it has. */
	size?: number | undefined;
}

const kind = 'SharedMemory';
/** Name and size are checked together, below. */
const kinds = { name: anything, create: aBoolean, size: anything };

/** As Python's `multiprocessing.shared_memory.SharedMemory`; both can open each other's blocks by name. */
export class SharedMemory implements Shareable, Disposable, AsyncDisposable {
	/** The name by which any process can open it, by Python's `SharedMemory(name)` too. */
	readonly name: string;
	/** Its size in bytes. */
	readonly size: number;
	#buffer: ArrayBuffer | undefined;
	readonly #id: number;
	readonly #keeper: Segment | undefined;
	#isUnlinked = false;

	constructor(options: SharedMemoryOptions = {}) {
		prepare();
		const { name, create = false, size } = checked(options);
		const keeperName = name === undefined ? newName() : keeperOf(name);
		const blockName = name ?? keeperName + blockSuffix;
		const isOurs = blockName === keeperName + blockSuffix;
		const guard = isOurs ? pathOf(keeperName) : null;
		// A new block is linked before its keeper, an existing one opened after it; so a keeper always has its block.
		const got = create ? createBlock(blockName, size!, guard) : undefined;
		if (isOurs) this.#keeper = create ? Segment.create({ kind, name: keeperName, size: 0, isUnbound: true }) : openKeeper(keeperName);
		const { id, buffer } = got ?? this.#openBlock(blockName, guard);
		this.name = blockName;
		this.size = buffer.byteLength;
		this.#buffer = buffer;
		this.#id = id;
	}

	/** The memory. The same block seen by all; a view of it is an ordinary typed array. */
	get buffer(): ArrayBuffer {
		if (this.#buffer === undefined) throw closedError(kind);
		return this.#buffer;
	}

	/** Gives it up in this process: views of `buffer` become empty. Idempotent. */
	close(): void {
		const buffer = this.#buffer;
		if (buffer === undefined) return;
		this.#buffer = undefined;
		this.#keeper?.close();
		addon().segmentGiveUp(this.#id, buffer);
	}

	/**
	 * Removes the name: from now on nobody can open it; who has it open keeps it. Needed only for a block with a name
	 * of its own. Throws `ERR_NPROCS_NOT_FOUND` when the name is gone already.
	 */
	unlink(): void {
		try {
			unlinkSync(pathOf(this.name));
		} catch (error) {
			// Of a block without a name of its own, the last close() has removed the name; `close(); unlink()` is how
			// programs end with either kind.
			const isGone = this.#keeper !== undefined && !this.#isUnlinked && (error as { code?: string }).code === 'ENOENT';
			if (!isGone) throw systemError(errnoOf((error as { errno: number }).errno), `unlink the shared memory ${JSON.stringify(this.name)}`);
		}
		this.#isUnlinked = true;
	}

	#openBlock(name: string, guard: Guard): MappedSegment {
		const result = addon().segmentOpen(pathOf(name), guard, 0);
		if (typeof result !== 'number') return result;
		this.#keeper?.close();
		throw failedBy(result, errno.ENOENT) ? notFound(name) : fileError(errnoOf(result), `open the shared memory ${JSON.stringify(name)}`, name);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	[toHandle](): Handle {
		if (this.#buffer === undefined) throw closedError(kind);
		return { kind, data: { name: this.name }, segments: this.#keeper === undefined ? [] : [this.#keeper.name] };
	}

	[inspect.custom](): string {
		return `SharedMemory(${inspect(this.name)}, size=${this.size})`;
	}
}

function checked(options: SharedMemoryOptions): SharedMemoryOptions {
	checkOptions(options, { owner: 'new SharedMemory()', kinds, example: '{ name } or { create: true, size }' });
	const { name, create, size } = options;
	if (name === undefined && create !== true) throw new ArgumentError('Expected a SharedMemory without a name to be made with `create: true`.');
	if (name !== undefined && (typeof name !== 'string' || !/^[^/\0]{1,250}$/.test(name) || name === '.' || name === '..')) {
		throw new ArgumentError(
			`Expected the name of a SharedMemory to be 1 to 250 characters without "/", got ${typeof name === 'string' ? JSON.stringify(name) : typeof name}.`,
		);
	}
	if (create === true && !(Number.isSafeInteger(size) && size! > 0))
		throw new ArgumentError(`Expected the size of a new SharedMemory to be a number of bytes greater than 0, got ${describe(size)}.`);
	if (size !== undefined && !(typeof size === 'number' && size >= 0))
		throw new ArgumentError(`Expected the size of a SharedMemory not to be negative, got ${describe(size)}.`);
	return options;
}

/** The name of the segment that looks after a block with one of our names; else one that is never asked for. */
function keeperOf(blockName: string): string {
	return blockName.startsWith(prefix()) && blockName.endsWith(blockSuffix) ? blockName.slice(0, -blockSuffix.length) : '';
}

function openKeeper(name: string): Segment {
	try {
		return Segment.open(name, kind);
	} catch {
		throw notFound(name + blockSuffix);
	}
}

function createBlock(name: string, size: number, guard: Guard): MappedSegment {
	const what = `create the shared memory ${JSON.stringify(name)} of ${size} bytes`;
	const got = addon().segmentCreate(directory, size, pathOf(name), guard);
	if (typeof got === 'number') throw fileError(errnoOf(got), what);
	const linked = addon().segmentLink(got.id, pathOf(name));
	if (linked < 0) addon().segmentGiveUp(got.id, got.buffer);
	check(linked, what);
	return got;
}

function notFound(name: string): NprocsError {
	return new NprocsError(`Cannot open the shared memory ${JSON.stringify(name)}: it does not exist (any more).`, { code: 'ERR_NPROCS_NOT_FOUND' });
}

registerKind('SharedMemory', ({ name }: { name: string }) => new SharedMemory({ name }));
