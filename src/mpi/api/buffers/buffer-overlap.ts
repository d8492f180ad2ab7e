/**
 * Whether two buffers of one operation lie in the same memory, which MPI forbids: what is received would change what is
 * still to be sent. Engines notice it sometimes, or give wrong results.
 */
import { ERR_BUFFER } from '../../constants.ts';
import { type EngineBuffer, IN_PLACE_BUFFER } from '../../engine/buffers.ts';
import { fail, type ErrorOwner } from '../arguments/check.ts';
import type { Datatype } from '../datatypes/datatype.ts';

/** Elements of a datatype, in one block. */
export interface Block {
	readonly view: EngineBuffer;
	readonly count: number;
	/** The datatype's handle. */
	readonly type: number;
	readonly datatype: Datatype;
}

/** Elements of a datatype, in a block for each rank. */
export interface Blocks {
	readonly view: EngineBuffer;
	readonly counts: Int32Array;
	readonly displacements: Int32Array;
	readonly datatype: Datatype;
}

/** Only datatypes without gaps are looked at: elements with gaps may lie between each other. */
export function checkApart(send: Block, receive: Block, owner?: ErrorOwner): void {
	if (!inOneMemory(send, receive)) return;
	refuseOverlap(range(send.view, 0, send), range(receive.view, 0, receive), owner);
}

export function checkApartFromAll(block: Block, blocks: Blocks, owner: ErrorOwner): void {
	if (!inOneMemory(block, blocks)) return;
	blocks.counts.forEach((count, i) => {
		const { datatype } = blocks;
		refuseOverlap(range(block.view, 0, block), range(blocks.view, blocks.displacements[i]!, { count, datatype }), owner);
	});
}

interface Range {
	readonly start: number;
	readonly end: number;
}

function inOneMemory(a: { view: EngineBuffer; datatype: Datatype }, b: { view: EngineBuffer; datatype: Datatype }): boolean {
	if (a.view === null || b.view === null || a.view === IN_PLACE_BUFFER || b.view === IN_PLACE_BUFFER) return false;
	return a.view.buffer === b.view.buffer && isGapless(a.datatype) && isGapless(b.datatype);
}

function isGapless({ size, extent, lb }: Datatype): boolean {
	return size === extent && lb === 0;
}

function range(view: EngineBuffer, displacement: number, { count, datatype }: { count: number; datatype: Datatype }): Range {
	const start = (view as Uint8Array).byteOffset + displacement * datatype.extent;
	return { start, end: start + count * datatype.extent };
}

function refuseOverlap(a: Range, b: Range, owner: ErrorOwner | undefined): void {
	if (a.start === a.end || b.start === b.end || a.end <= b.start || b.end <= a.start) return;
	fail(
		ERR_BUFFER,
		'The buffer to send from and the one to receive into overlap. Use two, or MPI.IN_PLACE in the place of the one that has nothing of its own.',
		owner,
	);
}
