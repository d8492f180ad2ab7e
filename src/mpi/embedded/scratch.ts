/**
 * Memory for what a collective operation has in hand, not zeroed, aligned for every datatype. Small pieces are cut from
 * a slab; large ones are used again, since fresh memory costs a page fault for every 4 KiB.
 */
const slabBytes = 64 * 1024;
const smallBytes = 4 * 1024;
const keptFromBytes = 32 * 1024;
const keptUpToBytes = 8 * 1024 * 1024;
const piecesOfEachSize = 4;
const alignment = 16;
const kept = new Map<number, Uint8Array[]>();
let slab = new ArrayBuffer(0);
let slabUsed = 0;

export function borrow(length: number): Uint8Array {
	if (length <= smallBytes) return cutFromSlab(length);
	if (length < keptFromBytes || length > keptUpToBytes) return fresh(length);
	const piece = kept.get(roomFor(length))?.pop();
	return (piece ?? fresh(roomFor(length))).subarray(0, length);
}

/** Nothing may refer to it any more. What is never given back is collected. */
export function giveBack(...pieces: readonly Uint8Array[]): void {
	for (const piece of pieces) {
		const room = piece.buffer.byteLength;
		if (piece.length < keptFromBytes || room !== roomFor(piece.length) || room > keptUpToBytes) continue;
		const same = kept.get(room) ?? [];
		if (same.length < piecesOfEachSize) same.push(new Uint8Array(piece.buffer));
		kept.set(room, same);
	}
}

function cutFromSlab(length: number): Uint8Array {
	if (slabUsed + length > slab.byteLength) {
		slab = new ArrayBuffer(slabBytes);
		slabUsed = 0;
	}
	const piece = new Uint8Array(slab, slabUsed, length);
	slabUsed += Math.ceil(length / alignment) * alignment;
	return piece;
}

function fresh(length: number): Uint8Array {
	return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/** A power of two. */
function roomFor(length: number): number {
	return 2 ** Math.ceil(Math.log2(length));
}
