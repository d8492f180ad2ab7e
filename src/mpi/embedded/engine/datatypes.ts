/** Datatypes and operations, as the seam wants them (mpi/engine/datatypes.ts). */
import type { BufferView, EngineBuffer } from '../../engine/buffers.ts';
import type { DatatypesAndOps, OpFunction } from '../../engine/datatypes.ts';
import { ERR_TRUNCATE, SUCCESS } from '../../constants.ts';
import { bytesAt, unpackFrom } from '../datatypes/pack.ts';
import { isView } from '../datatypes/datatypes.ts';
import { EngineCommunicators } from './communicators.ts';

export abstract class EngineDatatypes extends EngineCommunicators implements DatatypesAndOps {
	typeCreate(combiner: number, integers: readonly number[], addresses: readonly number[], types: readonly number[]): number {
		const made = this.types.create(combiner, { integers, addresses, types });
		if (made < 0) return -made;
		this.out[0] = made;
		return SUCCESS;
	}

	/** There is nothing to prepare. */
	typeCommit(_type: number): number {
		return SUCCESS;
	}

	typeFree(type: number): number {
		return this.types.free(type);
	}

	typeSizes(type: number): number {
		const { size, lowerBound, extent, trueLowerBound, trueExtent } = this.types.layoutOf(type);
		this.out.set([size, lowerBound, extent, trueLowerBound, trueExtent]);
		return SUCCESS;
	}

	pack(buffer: EngineBuffer, count: number, type: number, packed: BufferView, position: number, _comm: number): number {
		const bytes = this.types.pack(buffer, count, type);
		if (position + bytes.length > packed.byteLength) return ERR_TRUNCATE;
		bytesAt(packed, position, bytes.length).set(bytes);
		this.out[0] = position + bytes.length;
		return SUCCESS;
	}

	unpack(packed: BufferView, position: number, buffer: EngineBuffer, count: number, type: number, _comm: number): number {
		const layout = this.types.layoutOf(type);
		const length = count * layout.size;
		if (position + length > packed.byteLength) return ERR_TRUNCATE;
		if (isView(buffer)) unpackFrom(bytesAt(packed, position, length), { view: buffer, byteOffset: 0 }, count, layout);
		this.out[0] = position + length;
		return SUCCESS;
	}

	packSize(count: number, type: number, _comm: number): number {
		this.out[0] = count * this.types.sizeOf(type);
		return SUCCESS;
	}

	opCreate(fn: OpFunction, commutes: boolean): number {
		this.out[0] = this.ops.create({ fn, commutes });
		return SUCCESS;
	}

	opFree(op: number): number {
		return this.ops.free(op);
	}

	reduceLocal(input: EngineBuffer, inout: EngineBuffer, count: number, type: number, op: number): number {
		const layout = this.types.layoutOf(type);
		const combiner = this.ops.combiner(op, type, layout);
		if (combiner.error !== SUCCESS) return combiner.error;
		const result = this.types.pack(inout, count, type);
		combiner.combine(this.types.pack(input, count, type), result, count);
		combiner.rethrow();
		if (!layout.isContiguous) this.types.unpack(result, inout, count, type);
		return SUCCESS;
	}
}
