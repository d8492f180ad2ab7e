/**
 * MPI-IO, as the seam wants it (mpi/engine/files.ts), by the system's own calls: reads and writes are done when they
 * are begun, requests are complete at once. Collective calls agree on an error where all must (open, size); after a
 * collective write all ranks' data are in the file.
 */
import { closeSync, constants as flags, fstatSync, fsyncSync, ftruncateSync, openSync, unlinkSync } from 'node:fs';
import type { EngineBuffer } from '../../engine/buffers.ts';
import { FILE_AT_OFFSET, FILE_INDIVIDUAL, FILE_SHARED, type Files } from '../../engine/files.ts';
import type { InfoEntries } from '../../engine/info.ts';
import * as constants from '../../constants.ts';
import { opHandles, predefinedHandle } from '../../handles.ts';
import { isView } from '../datatypes/datatypes.ts';
import { EngineWindows } from './windows.ts';
import { FileView } from '../files/file-view.ts';
import { fileErrorClass, OpenFile, writeFully } from '../files/open-file.ts';
import { Operation, operationKind } from '../messages/operation.ts';
import { unpackFrom } from '../datatypes/pack.ts';
import { BYTE_HANDLE, FIRST_OWN_HANDLE, STATUS_BYTES_HIGH, STATUS_BYTES_LOW } from '../../engine/shared-numbers.ts';

const INT = predefinedHandle('INT');
const DOUBLE = predefinedHandle('DOUBLE');
const { SUCCESS } = constants;

interface Transfer {
	readonly place: number;
	readonly offset: number;
	readonly isCollective: boolean;
	readonly isWrite: boolean;
}

export abstract class EngineFiles extends EngineWindows implements Files {
	readonly #files: (OpenFile | undefined)[] = Array.from({ length: FIRST_OWN_HANDLE }, () => undefined);
	/** What the system has said of the last failure. */
	#failure: { readonly errorClass: number; readonly text: string } | undefined;

	/** Rank 0 makes the file, if it is to be made; the others open what is there then. All fail when one does. */
	fileOpen(comm: number, name: string, mode: number, _info: InfoEntries): number {
		const { rank } = this.communicator(comm);
		let fd = -1;
		let error = SUCCESS;
		const open = (openFlags: number): void => {
			error = this.#try(() => {
				fd = openSync(name, openFlags, 0o666);
				if (fstatSync(fd).isDirectory()) throw Object.assign(new Error(`${name} is a directory`), { code: 'EISDIR' });
			});
		};
		if (rank === 0) open(openFlagsOf(mode));
		const first = this.#toldByFirst(comm, error);
		if (rank > 0 && first === SUCCESS) open(openFlagsOf(mode & ~(constants.MODE_CREATE | constants.MODE_EXCL)));
		const failed = this.#worst(comm, first || error);
		const isMade = failed === SUCCESS && this.winAllocateShared(rank === 0 ? 8 : 0, 1, [], comm) === SUCCESS;
		if (!isMade) {
			if (fd >= 0) closeSync(fd);
			return failed || constants.ERR_NO_MEM;
		}
		const win = this.out[0]!;
		const shared = new BigInt64Array(this.winSharedQuery(win, 0), 0, 1);
		const view = new FileView(0, 1, this.types.layoutOf(BYTE_HANDLE));
		const file = new OpenFile({ fd, path: name, mode, win, comm: this.window(win).comm, shared, view });
		if (mode & constants.MODE_APPEND) {
			file.position = fstatSync(fd).size;
			if (rank === 0) file.sharedPosition = file.position;
			this.blocking.barrier(file.comm);
		}
		this.out[0] = this.#files.push(file) - 1;
		return SUCCESS;
	}

	fileClose(handle: number): number {
		const file = this.#files[handle]!;
		this.#files[handle] = undefined;
		const { rank } = this.communicator(file.comm);
		const error = this.#try(() => closeSync(file.fd)) || this.winFree(file.win);
		if (file.mode & constants.MODE_DELETE_ON_CLOSE && rank === 0) return this.fileDelete(file.path) || error;
		return error;
	}

	fileDelete(name: string): number {
		return this.#try(() => unlinkSync(name));
	}

	fileSetSize(handle: number, bytes: number): number {
		return this.#byFirst(handle, ({ fd }) => ftruncateSync(fd, bytes));
	}

	/** Zeros are written to where the file is shorter. */
	filePreallocate(handle: number, bytes: number): number {
		return this.#byFirst(handle, ({ fd }) => {
			const zeros = new Uint8Array(65_536);
			for (let { size } = fstatSync(fd); size < bytes; size += zeros.length) writeFully(fd, zeros.subarray(0, bytes - size), size);
		});
	}

	fileGetSize(handle: number): number {
		return this.#try(() => {
			this.out[0] = fstatSync(this.#files[handle]!.fd).size;
		});
	}

	fileSetView(handle: number, displacement: number, elementType: number, fileType: number, representation: string, _info: InfoEntries): number {
		const file = this.#files[handle]!;
		const element = this.types.layoutOf(elementType);
		const layout = this.types.layoutOf(fileType);
		if (representation === 'external32') return constants.ERR_UNSUPPORTED_DATAREP;
		if (element.size === 0 || layout.size === 0 || layout.size % element.size !== 0 || layout.extent <= 0)
			return this.#fails(constants.ERR_ARG, 'the file type must be made of elements of the elementary datatype, at least one');
		if (layout.runs.some(({ offset, repeat, stride }) => offset < 0 || offset + (repeat - 1) * stride < 0))
			return this.#fails(constants.ERR_ARG, 'the data of the file type lie before its beginning');
		const isCurrent = displacement === constants.DISPLACEMENT_CURRENT;
		if (isCurrent && !(file.mode & constants.MODE_SEQUENTIAL))
			return this.#fails(constants.ERR_ARG, 'DISPLACEMENT_CURRENT is for files that are opened with MODE_SEQUENTIAL');
		const from = isCurrent ? file.view.byteOffset(file.sharedPosition) : displacement;
		this.blocking.barrier(file.comm);
		file.view = new FileView(from, element.size, layout);
		file.position = 0;
		if (this.communicator(file.comm).rank === 0) file.sharedPosition = 0;
		return this.blocking.barrier(file.comm);
	}

	fileRead(handle: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number {
		return this.#transfer(handle, { place, offset, isCollective: collective, isWrite: false }, buffer, count, type);
	}

	fileWrite(handle: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number {
		return this.#transfer(handle, { place, offset, isCollective: collective, isWrite: true }, buffer, count, type);
	}

	fileIread(handle: number, place: number, offset: number, _collective: boolean, buffer: EngineBuffer, count: number, type: number): number {
		return this.#started(this.#transfer(handle, { place, offset, isCollective: false, isWrite: false }, buffer, count, type));
	}

	fileIwrite(handle: number, place: number, offset: number, _collective: boolean, buffer: EngineBuffer, count: number, type: number): number {
		return this.#started(this.#transfer(handle, { place, offset, isCollective: false, isWrite: true }, buffer, count, type));
	}

	fileSeek(handle: number, place: number, offset: number, whence: number): number {
		const file = this.#files[handle]!;
		const { view } = file;
		if (file.mode & constants.MODE_SEQUENTIAL) return constants.ERR_UNSUPPORTED_OPERATION;
		const isShared = place === FILE_SHARED;
		// All see where it stands before anybody moves it
		if (isShared) this.blocking.barrier(file.comm);
		let base = 0;
		if (whence === constants.SEEK_CUR) base = isShared ? file.sharedPosition : file.position;
		if (whence === constants.SEEK_END) {
			const error = this.fileGetSize(handle);
			if (error !== SUCCESS) return error;
			base = Math.ceil(view.lengthWithin(this.out[0]!) / view.elementSize) * view.elementSize;
		}
		const position = base + offset * view.elementSize;
		if (isShared) this.blocking.barrier(file.comm);
		if (position < 0) return this.#fails(constants.ERR_ARG, 'the pointer would stand before the beginning of the view');
		if (!isShared) file.position = position;
		else if (this.communicator(file.comm).rank === 0) file.sharedPosition = position;
		return isShared ? this.blocking.barrier(file.comm) : SUCCESS;
	}

	fileGetPosition(handle: number, place: number): number {
		const { view, position, sharedPosition } = this.#files[handle]!;
		this.out[0] = (place === FILE_SHARED ? sharedPosition : position) / view.elementSize;
		return SUCCESS;
	}

	fileGetByteOffset(handle: number, offset: number): number {
		const { view } = this.#files[handle]!;
		this.out[0] = view.byteOffset(offset * view.elementSize);
		return SUCCESS;
	}

	fileGetTypeExtent(_handle: number, type: number): number {
		this.out[0] = this.types.layoutOf(type).extent;
		return SUCCESS;
	}

	fileSetAtomicity(handle: number, atomic: boolean): number {
		const file = this.#files[handle]!;
		file.isAtomic = atomic;
		return this.blocking.barrier(file.comm);
	}

	fileSync(handle: number): number {
		const file = this.#files[handle]!;
		return this.#try(() => fsyncSync(file.fd)) || this.blocking.barrier(file.comm);
	}

	/** What the system has said, when that was the last failure of files of this class. */
	protected fileFailure(errorClass: number): string | undefined {
		return this.#failure?.errorClass === errorClass ? this.#failure.text : undefined;
	}

	#transfer(handle: number, how: Transfer, buffer: EngineBuffer, count: number, type: number): number {
		const file = this.#files[handle]!;
		const layout = this.types.layoutOf(type);
		const length = isView(buffer) ? count * layout.size : 0;
		const refused = refusal(file, how);
		const start = this.#startOf(file, how, length);
		let done = 0;
		const error =
			refused ??
			this.#guarded(file, () => {
				if (how.isWrite) {
					file.write(this.types.pack(buffer, count, type), start);
					done = length;
					return;
				}
				const into = layout.isContiguous && isView(buffer) ? this.types.pack(buffer, count, type) : new Uint8Array(length);
				done = file.read(into, start);
				if (!layout.isContiguous && isView(buffer)) unpackFrom(into.subarray(0, done), { view: buffer, byteOffset: 0 }, count, layout);
			});
		if (how.place === FILE_INDIVIDUAL) file.position = start + done;
		const waited = how.isCollective && how.isWrite ? this.blocking.barrier(file.comm) : SUCCESS;
		this.writeStatus(constants.ANY_SOURCE, constants.ANY_TAG, done, error);
		return error || waited;
	}

	/** Where in the stream it begins. */
	#startOf(file: OpenFile, { place, offset, isCollective }: Transfer, length: number): number {
		const { elementSize } = file.view;
		if (place === FILE_AT_OFFSET) return offset * elementSize;
		if (place === FILE_INDIVIDUAL) return file.position;
		const wanted = Math.ceil(length / elementSize) * elementSize;
		return isCollective ? this.#inTurn(file, wanted) : file.advanceShared(wanted);
	}

	/** One rank's place behind those of the ranks before it. */
	#inTurn(file: OpenFile, length: number): number {
		const { rank, members } = this.communicator(file.comm);
		const lengths = new Float64Array(members.length);
		this.blocking.allgather(Float64Array.of(length), 1, DOUBLE, lengths, 1, DOUBLE, file.comm);
		const start = new Float64Array(1);
		if (rank === 0) start[0] = file.advanceShared(lengths.reduce((sum, each) => sum + each, 0));
		this.blocking.bcast(start, 1, DOUBLE, 0, file.comm);
		return start[0]! + lengths.subarray(0, rank).reduce((sum, each) => sum + each, 0);
	}

	/** In atomic mode nobody else is at the file meanwhile. */
	#guarded(file: OpenFile, action: () => void): number {
		if (!file.isAtomic) return this.#try(action);
		return this.window(file.win).control.atomically(0, () => this.#try(action));
	}

	/** What a request is that is complete. */
	#started(error: number): number {
		if (error !== SUCCESS) return -error;
		const operation = new Operation();
		operation.kind = operationKind.receive;
		operation.done = true;
		operation.peer = constants.ANY_SOURCE;
		operation.bytes = (this.status[STATUS_BYTES_LOW]! >>> 0) + this.status[STATUS_BYTES_HIGH]! * 2 ** 32;
		return this.request(operation);
	}

	/** Collective: rank 0 does it, and all have its error. */
	#byFirst(handle: number, action: (file: OpenFile) => void): number {
		const file = this.#files[handle]!;
		this.blocking.barrier(file.comm);
		let error = refusal(file, { isWrite: true, place: FILE_AT_OFFSET }) ?? SUCCESS;
		if (error === SUCCESS && this.communicator(file.comm).rank === 0) error = this.#try(() => action(file));
		return this.#toldByFirst(file.comm, error);
	}

	#toldByFirst(comm: number, error: number): number {
		const told = Int32Array.of(error);
		this.blocking.bcast(told, 1, INT, 0, comm);
		return told[0]!;
	}

	/** The same error for all, when one has one. */
	#worst(comm: number, error: number): number {
		const worst = new Int32Array(1);
		this.blocking.allreduce(Int32Array.of(error), worst, 1, INT, opHandles.MAX, comm);
		return worst[0]!;
	}

	#try(action: () => void): number {
		try {
			action();
			return SUCCESS;
		} catch (error) {
			return this.#fails(fileErrorClass(error), String((error as Error).message));
		}
	}

	#fails(errorClass: number, text: string): number {
		this.#failure = { errorClass, text };
		return errorClass;
	}
}

function openFlagsOf(mode: number): number {
	const access = mode & constants.MODE_RDWR ? flags.O_RDWR : mode & constants.MODE_WRONLY ? flags.O_WRONLY : flags.O_RDONLY;
	return access | (mode & constants.MODE_CREATE ? flags.O_CREAT : 0) | (mode & constants.MODE_EXCL ? flags.O_EXCL : 0);
}

/** Why the way in which the file was opened does not allow it; undefined when it does. */
function refusal({ mode }: OpenFile, { isWrite, place }: Pick<Transfer, 'isWrite' | 'place'>): number | undefined {
	if (isWrite && mode & constants.MODE_RDONLY) return constants.ERR_READ_ONLY;
	if (!isWrite && mode & constants.MODE_WRONLY) return constants.ERR_ACCESS;
	if (mode & constants.MODE_SEQUENTIAL && place !== FILE_SHARED) return constants.ERR_UNSUPPORTED_OPERATION;
	return undefined;
}
