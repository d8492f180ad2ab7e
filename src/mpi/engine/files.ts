/** The part of the seam (engine.ts) that is MPI's chapter on files. */
import type { EngineBuffer } from './buffers.ts';
import type { InfoEntries } from './info.ts';

/** How a read or a write of a file finds its place. */
export const FILE_AT_OFFSET = 0;
export const FILE_INDIVIDUAL = 1;
export const FILE_SHARED = 2;

/** MPI-IO. Offsets are in units of the view's elementary datatype. */
export interface Files {
	/** out[0]: its handle. */
	fileOpen(comm: number, name: string, mode: number, info: InfoEntries): number;
	fileClose(file: number): number;
	fileDelete(name: string, info: InfoEntries): number;
	fileSetSize(file: number, bytes: number): number;
	filePreallocate(file: number, bytes: number): number;
	/** out[0]: bytes. */
	fileGetSize(file: number): number;
	fileSetView(file: number, displacement: number, elementType: number, fileType: number, representation: string, info: InfoEntries): number;
	/**
	 * `place` is FILE_*; the offset counts with FILE_AT_OFFSET. `collective`: `_all`, and with FILE_SHARED `_ordered`.
	 * What was read is in `status`.
	 */
	fileRead(file: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number;
	fileWrite(file: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number;
	/** These give requests. */
	fileIread(file: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number;
	fileIwrite(file: number, place: number, offset: number, collective: boolean, buffer: EngineBuffer, count: number, type: number): number;
	/** `place` FILE_INDIVIDUAL or FILE_SHARED. */
	fileSeek(file: number, place: number, offset: number, whence: number): number;
	/** out[0]: the position. */
	fileGetPosition(file: number, place: number): number;
	/** out[0]: bytes from the beginning of the file. */
	fileGetByteOffset(file: number, offset: number): number;
	/** out[0]: bytes. */
	fileGetTypeExtent(file: number, type: number): number;
	fileSetAtomicity(file: number, atomic: boolean): number;
	fileSync(file: number): number;
}
