/** The part of the seam (engine.ts) that makes, packs and frees derived datatypes and operations. */
import type { BufferView, EngineBuffer } from './buffers.ts';

/**
 * Called with the two operands' bytes: `inout[i] = in[i] op inout[i]` for `count` elements of the datatype. Thrown
 * errors reach whoever called the operation that needed it.
 */
export type OpFunction = (input: Uint8Array, inout: Uint8Array, count: number, type: number) => void;

export interface DatatypesAndOps {
	/**
	 * A derived datatype, told as `MPI_Type_get_contents` would tell it (the order of integers, addresses and datatypes
	 * is that page's, for the COMBINER_* constant). out[0]: its handle.
	 */
	typeCreate(combiner: number, integers: readonly number[], addresses: readonly number[], types: readonly number[]): number;
	typeCommit(type: number): number;
	typeFree(type: number): number;
	/** out: size, lower bound, extent, true lower bound, true extent; in bytes. */
	typeSizes(type: number): number;
	/** From byte `position` of `packed` on; out[0]: the position behind. */
	pack(buffer: EngineBuffer, count: number, type: number, packed: BufferView, position: number, comm: number): number;
	unpack(packed: BufferView, position: number, buffer: EngineBuffer, count: number, type: number, comm: number): number;
	/** out[0]: how many bytes at most. */
	packSize(count: number, type: number, comm: number): number;
	/** out[0]: its handle. */
	opCreate(fn: OpFunction, commutes: boolean): number;
	opFree(op: number): number;
	reduceLocal(input: EngineBuffer, inout: EngineBuffer, count: number, type: number, op: number): number;
}
