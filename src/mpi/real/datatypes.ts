/** Derived datatypes and operations of a real MPI. */
import {
	COMBINER_CONTIGUOUS,
	COMBINER_DUP,
	COMBINER_HINDEXED,
	COMBINER_HINDEXED_BLOCK,
	COMBINER_HVECTOR,
	COMBINER_INDEXED,
	COMBINER_INDEXED_BLOCK,
	COMBINER_RESIZED,
	COMBINER_STRUCT,
	COMBINER_SUBARRAY,
	COMBINER_VECTOR,
	ERR_UNSUPPORTED_OPERATION,
} from '../constants.ts';
import type { BufferView, EngineBuffer } from '../engine/buffers.ts';
import type { DatatypesAndOps, OpFunction } from '../engine/datatypes.ts';
import type { MpiNative } from './mpi-native.ts';

export class RealDatatypes implements DatatypesAndOps {
	readonly #mpi: MpiNative;
	readonly #out: Float64Array;
	/** An operation's place in the addon's table, by its handle. */
	readonly #opPlaces = new Map<number, number>();

	constructor(mpi: MpiNative, out: Float64Array) {
		this.#mpi = mpi;
		this.#out = out;
	}

	typeCreate(combiner: number, integers: readonly number[], addresses: readonly number[], types: readonly number[]): number {
		const mpi = this.#mpi;
		const [first = 0, second = 0, third = 0] = integers;
		const [type = 0] = types;
		const ints = (from: number, to?: number): Int32Array => Int32Array.from(integers.slice(from, to));
		switch (combiner) {
			case COMBINER_DUP:
				return mpi.typeDup(type);
			case COMBINER_CONTIGUOUS:
				return mpi.typeContiguous(first, type);
			case COMBINER_VECTOR:
				return mpi.typeVector(first, second, third, type);
			case COMBINER_HVECTOR:
				return mpi.typeHvector(first, second, addresses[0]!, type);
			case COMBINER_INDEXED:
				return mpi.typeIndexed(first, ints(1, 1 + first), ints(1 + first), type);
			case COMBINER_HINDEXED:
				return mpi.typeHindexed(first, ints(1), Float64Array.from(addresses), type);
			case COMBINER_INDEXED_BLOCK:
				return mpi.typeIndexedBlock(first, second, ints(2), type);
			case COMBINER_HINDEXED_BLOCK:
				return mpi.typeHindexedBlock(first, second, Float64Array.from(addresses), type);
			case COMBINER_STRUCT:
				return mpi.typeStruct(first, ints(1), Float64Array.from(addresses), Float64Array.from(types));
			case COMBINER_SUBARRAY:
				return mpi.typeSubarray(
					first,
					ints(1, 1 + first),
					ints(1 + first, 1 + 2 * first),
					ints(1 + 2 * first, 1 + 3 * first),
					integers[1 + 3 * first]!,
					type,
				);
			case COMBINER_RESIZED:
				return mpi.typeResized(type, addresses[0]!, addresses[1]!);
			default:
				return ERR_UNSUPPORTED_OPERATION;
		}
	}

	typeCommit(type: number): number {
		return this.#mpi.typeCommit(type);
	}

	typeFree(type: number): number {
		return this.#mpi.typeFree(type);
	}

	typeSizes(type: number): number {
		const out = this.#out;
		const code = this.#mpi.typeSize(type);
		if (code !== 0) return code;
		const size = out[0]!;
		this.#mpi.typeExtent(type);
		const [lower, extent] = out as unknown as [number, number];
		this.#mpi.typeTrueExtent(type);
		const [trueLower, trueExtent] = out as unknown as [number, number];
		// Of one without data Open MPI tells numbers that mean nothing.
		out.set([size, lower, extent, ...(size === 0 ? [0, 0] : [trueLower, trueExtent])]);
		return 0;
	}

	pack(buffer: EngineBuffer, count: number, type: number, packed: BufferView, position: number, comm: number): number {
		return this.#mpi.packInto(buffer, count, type, packed, packed.byteLength, position, comm);
	}

	unpack(packed: BufferView, position: number, buffer: EngineBuffer, count: number, type: number, comm: number): number {
		return this.#mpi.unpackFrom(packed, packed.byteLength, position, buffer, count, type, comm);
	}

	packSize(count: number, type: number, comm: number): number {
		return this.#mpi.packSize(count, type, comm);
	}

	opCreate(fn: OpFunction, commutes: boolean): number {
		const code = this.#mpi.opCreate((...args) => {
			try {
				fn(...args);
			} catch (error) {
				throw error instanceof Object ? error : new Error(String(error), { cause: error });
			}
		}, Number(commutes));
		if (code === 0) this.#opPlaces.set(this.#out[0]!, this.#out[1]!);
		return code;
	}

	opFree(op: number): number {
		const place = this.#opPlaces.get(op);
		const code = this.#mpi.opFree(op);
		if (place !== undefined) this.#mpi.opForget(place);
		this.#opPlaces.delete(op);
		return code;
	}

	reduceLocal(input: EngineBuffer, inout: EngineBuffer, count: number, type: number, op: number): number {
		return this.#mpi.reduceLocal(input, inout, count, type, op);
	}
}
