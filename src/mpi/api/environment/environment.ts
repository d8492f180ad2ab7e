/** What MPI tells about itself and where it runs, and memory for buffered sends. */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_BUFFER } from '../../constants.ts';
import type { BufferView } from '../../engine/buffers.ts';
import { viewOf, type BufferData } from '../buffers/buffer-data.ts';
import { check, exceptionFor, fail } from '../arguments/check.ts';
import { knownClassOf, knownStringOf } from '../errors/error-classes.ts';
import { engine } from './lifecycle.ts';

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

/** The name of the machine. */
export function Get_processor_name(): string {
	return engine().processorName;
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

/** Memory for buffered sends (`Bsend`): each takes what its message has, and MPI.BSEND_OVERHEAD. The memory is MPI's until it is detached. */
export function Attach_buffer(buf: BufferData): void {
	if (attached !== undefined) fail(ERR_BUFFER, 'Cannot attach a second buffer for buffered sends: detach the first one.');
	const view = viewOf(buf);
	check(engine().attachBuffer(view));
	attached = { buf, view };
}

/** Waits until all that was sent from it is under way, and gives the memory back; null when there is none. */
export function Detach_buffer(): BufferData | null {
	if (attached === undefined) return null;
	const { buf } = attached;
	check(engine().attachBuffer(null));
	attached = undefined;
	return buf;
}

/** Waits until all buffered sends are under way. */
export function Flush_buffer(): void {
	if (attached === undefined) return;
	check(engine().attachBuffer(null));
	check(engine().attachBuffer(attached.view));
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

let attached: { readonly buf: BufferData; readonly view: BufferView } | undefined;

function aCode(value: unknown): void {
	if (!Number.isInteger(value)) throw new ArgumentError(`Expected an error code, a whole number, got ${describe(value)}.`);
}
