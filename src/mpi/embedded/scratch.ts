/** Memory for what a collective operation has in hand, not zeroed. Large pieces are used again: fresh memory costs a page fault for every 4 KiB. */
const keptFromBytes = 32 * 1024;
const keptUpToBytes = 8 * 1024 * 1024;
const piecesOfEachSize = 4;
const kept = new Map<number, Uint8Array[]>();

export function borrow(length: number): Uint8Array {
	if (length < keptFromBytes || length > keptUpToBytes) return Buffer.allocUnsafe(length);
	const piece = kept.get(roomFor(length))?.pop();
	return (piece ?? Buffer.allocUnsafeSlow(roomFor(length))).subarray(0, length);
}

/** Nothing may refer to it any more. What is never given back is collected. */
export function giveBack(...pieces: readonly Uint8Array[]): void {
	for (const piece of pieces) {
		const room = piece.buffer.byteLength;
		if (room < keptFromBytes || room > keptUpToBytes || piece.length <= room / 2) continue;
		const same = kept.get(room) ?? [];
		if (same.length < piecesOfEachSize) same.push(new Uint8Array(piece.buffer));
		kept.set(room, same);
	}
}

/** A power of two. */
function roomFor(length: number): number {
	return 2 ** Math.ceil(Math.log2(length));
}
