/** What MPI tells about itself and where it runs. */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { exceptionFor } from '../arguments/check.ts';
import { knownClassOf, knownStringOf } from '../errors/error-classes.ts';
import { Info, INFO_NULL } from './info.ts';
import { engine } from './lifecycle.ts';
import { observed } from './observed.ts';

/** [major, minor] of the MPI standard that the engine implements. */
export function Get_version(): [version: number, subversion: number] {
	const [version, subversion] = engine().version;
	return [version, subversion];
}

export function Get_library_version(): string {
	return engine().libraryVersion;
}

/** The engine's name, and its version: [major, minor, micro]. */
export function get_vendor(): [name: string, version: [major: number, minor: number, micro: number]] {
	const [name, [major, minor, micro]] = engine().vendor;
	return [name, [major, minor, micro]];
}

/**
 * [major, minor] of the standard binary interface that the engine's library has; [-1, -1] where it has one of its own,
 * or none.
 */
export function Get_abi_version(): [abi_major: number, abi_minor: number] {
	return engine().name === 'abi' ? [1, 0] : [-1, -1];
}

/** Sizes of C's types for addresses, counts and offsets, in bytes. */
export function Get_abi_info(): Info {
	return Info.Create({ mpi_aint_size: '8', mpi_count_size: '8', mpi_offset_size: '8' });
}

/** MPI.INFO_NULL: there is no Fortran here. */
export function Get_abi_fortran_info(): Info {
	return INFO_NULL;
}

/** What parts of a machine `Split_type()` knows by name: none but its memory. */
export function Get_hw_resource_info(): Info {
	return Info.Create({ mpi_shared_memory: 'true' });
}

/** The name of the machine. */
export function Get_processor_name(): string {
	return observed('Get_processor_name', () => engine().processorName);
}

/** Seconds since some time in the past. */
export function Wtime(): number {
	return engine().wtime();
}

/** The resolution of Wtime, in seconds. */
export function Wtick(): number {
	return engine().wtick();
}

/** MPI.ERR_*: the class of an error's code. */
export function Get_error_class(errorcode: number): number {
	aCode(errorcode);
	return knownClassOf(errorcode) ?? engine().errorClass(errorcode);
}

export function Get_error_string(errorcode: number): string {
	aCode(errorcode);
	return knownStringOf(errorcode) ?? exceptionFor(errorcode).message;
}

/** Memory of so many bytes, for buffers. */
export function Alloc_mem(size: number, _info?: unknown): ArrayBuffer {
	if (!Number.isSafeInteger(size) || size < 0)
		throw new ArgumentError(`Expected \`size\` of Alloc_mem() to be a number of bytes, got ${describe(size)}.`);
	return new ArrayBuffer(size);
}

/** Memory of Alloc_mem() goes when nothing refers to it; this is for programs that come from mpi4py. */
export function Free_mem(mem: ArrayBuffer): void {
	if (!(mem instanceof ArrayBuffer)) throw new ArgumentError(`Expected Free_mem() to be given what Alloc_mem() gave, got ${describe(mem)}.`);
}

/** For profilers; does nothing. */
export function Pcontrol(_level: number): void {}

function aCode(value: unknown): void {
	if (!Number.isInteger(value)) throw new ArgumentError(`Expected an error code, a whole number, got ${describe(value)}.`);
}
