/**
 * A file that the members of a communicator have opened together: this rank's descriptor, view and pointer, and the
 * pointer that all share, which lies in a window. All ranks are on one machine, so what one has written is what the
 * others read, as POSIX has it.
 */
import { readSync, writeSync } from 'node:fs';
import {
	ERR_ACCESS,
	ERR_BAD_FILE,
	ERR_FILE_EXISTS,
	ERR_FILE_IN_USE,
	ERR_IO,
	ERR_NO_SPACE,
	ERR_NO_SUCH_FILE,
	ERR_QUOTA,
	ERR_READ_ONLY,
} from '../../constants.ts';
import type { FileView } from './file-view.ts';

export interface OpenFileParts {
	readonly fd: number;
	readonly path: string;
	/** MODE_*. */
	readonly mode: number;
	/** The window with the shared pointer, and its communicator. */
	readonly win: number;
	readonly comm: number;
	readonly shared: BigInt64Array;
	readonly view: FileView;
}

export class OpenFile {
	readonly fd: number;
	readonly path: string;
	readonly mode: number;
	readonly win: number;
	readonly comm: number;
	view: FileView;
	/** This rank's own pointer, in bytes of the view's stream. */
	position = 0;
	isAtomic = false;
	readonly #shared: BigInt64Array;

	constructor({ fd, path, mode, win, comm, shared, view }: OpenFileParts) {
		this.fd = fd;
		this.path = path;
		this.mode = mode;
		this.win = win;
		this.comm = comm;
		this.view = view;
		this.#shared = shared;
	}

	/** The pointer of all, in bytes of the stream. */
	get sharedPosition(): number {
		return Number(Atomics.load(this.#shared, 0));
	}

	set sharedPosition(position: number) {
		Atomics.store(this.#shared, 0, BigInt(position));
	}

	/** Moves the pointer of all; gives where it was. */
	advanceShared(bytes: number): number {
		return Number(Atomics.add(this.#shared, 0, BigInt(bytes)));
	}

	/** From byte `start` of the stream on; gives how many bytes there were before the end of the file. */
	read(into: Uint8Array, start: number): number {
		let done = 0;
		for (const { offset, length } of this.view.pieces(start, into.length)) {
			const got = readFully(this.fd, into.subarray(done, done + length), offset);
			done += got;
			if (got < length) break;
		}
		return done;
	}

	write(from: Uint8Array, start: number): void {
		let done = 0;
		for (const { offset, length } of this.view.pieces(start, from.length)) {
			writeFully(this.fd, from.subarray(done, done + length), offset);
			done += length;
		}
	}
}

/** Fewer bytes: that is the end of the file. */
function readFully(fd: number, into: Uint8Array, offset: number): number {
	let done = 0;
	while (done < into.length) {
		const got = readSync(fd, into, done, into.length - done, offset + done);
		if (got === 0) break;
		done += got;
	}
	return done;
}

export function writeFully(fd: number, from: Uint8Array, offset: number): void {
	for (let done = 0; done < from.length;) done += writeSync(fd, from, done, from.length - done, offset + done);
}

/** ERR_*: of an error of the system's. */
export function fileErrorClass(error: unknown): number {
	return classes[(error as NodeJS.ErrnoException).code ?? ''] ?? ERR_IO;
}

const classes: Readonly<Record<string, number>> = {
	ENOENT: ERR_NO_SUCH_FILE,
	EEXIST: ERR_FILE_EXISTS,
	EACCES: ERR_ACCESS,
	EPERM: ERR_ACCESS,
	EROFS: ERR_READ_ONLY,
	ENOSPC: ERR_NO_SPACE,
	EDQUOT: ERR_QUOTA,
	EFBIG: ERR_NO_SPACE,
	EISDIR: ERR_BAD_FILE,
	ENOTDIR: ERR_BAD_FILE,
	ENAMETOOLONG: ERR_BAD_FILE,
	ELOOP: ERR_BAD_FILE,
	EBUSY: ERR_FILE_IN_USE,
	ETXTBSY: ERR_FILE_IN_USE,
};
