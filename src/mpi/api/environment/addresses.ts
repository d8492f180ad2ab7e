/**
 * Addresses, for displacements: how far one array lies from another. They are counted here, for each ArrayBuffer from a
 * base of its own: the distance of two addresses is true within one ArrayBuffer, and nobody reaches memory by them.
 */
import { anAddress } from '../arguments/numbers.ts';
import { type BufferData, viewOf } from '../buffers/memory-view.ts';

/** Of the first byte. */
export function Get_address(location: BufferData): number {
	const { buffer, byteOffset } = viewOf(location);
	let base = bases.get(buffer);
	if (base === undefined) {
		base = next;
		bases.set(buffer, base);
		next += Math.ceil((buffer.byteLength + 1) / page) * page;
	}
	return base + byteOffset;
}

/** The address so many bytes behind another one. */
export function Aint_add(base: number, disp: number): number {
	return anAddress(base, { name: 'base' }) + anAddress(disp, { name: 'disp' });
}

/** How many bytes there are from `addr2` to `addr1`. */
export function Aint_diff(addr1: number, addr2: number): number {
	return anAddress(addr1, { name: 'addr1' }) - anAddress(addr2, { name: 'addr2' });
}

const page = 4096;
const bases = new WeakMap<ArrayBufferLike, number>();
let next = 2 ** 32;
