/**
 * Memory for what a collective operation has in hand, not zeroed, aligned for every datatype. Small pieces are cut from
 * a slab, and the last one is used again by whoever wants as much, since programs combine arrays of one length again
 * and again; large ones are used again, since fresh memory costs a page fault for every 4 KiB.
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
let lastSmall: Uint8Array | undefined;

export function borrow(length: number): Uint8Array {
	if (length <= smallBytes) return lastSmall?.length === length ? takeLastSmall() : cutFromSlab(length);
	if (length < keptFromBytes || length > keptUpToBytes) return fresh(length);
	const piece = kept.get(roomFor(length))?.pop();
	return (piece ?? fresh(roomFor(length))).subarray(0, length);
}

/** Nothing may refer to it any more. What is never given back is collected. */
export function giveBack(...pieces: readonly Uint8Array[]): void {
	for (const piece of pieces) {
		if (piece.length <= smallBytes) {
			lastSmall = piece;
			continue;
		}
		const room = piece.buffer.byteLength;
		if (piece.length < keptFromBytes || room !== roomFor(piece.length) || room > keptUpToBytes) continue;
		const same = kept.get(room) ?? [];
		if (same.length < piecesOfEachSize) same.push(new Uint8Array(piece.buffer));
		kept.set(room, same);
	}
}

function takeLastSmall(): Uint8Array {
	const piece = lastSmall!;
	lastSmall = undefined;
	return piece;
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
