/**
 * Packing: into and from memory where elements of any datatypes lie one behind the other, as the engine has them or as
 * all machines read them (external32.ts).
 */
import * as constants from '../../constants.ts';
import { COMM_SELF_HANDLE } from '../../handles.ts';
import { check, fail } from '../arguments/check.ts';
import { anAddress, anInt } from '../arguments/numbers.ts';
import { type BufferData, viewOf } from '../buffers/memory-view.ts';
import { engine } from '../environment/lifecycle.ts';
import { DatatypeFacts } from './datatype-facts.ts';
import type { DatatypeRecipe } from './datatype-recipe.ts';
import { checkDatarep, externalSize, fromExternal, scalarsOf, toExternal } from './external32.ts';

/** The communicator over which packed memory is to go. */
export interface PackComm {
	living(): number;
}

const countRule = { name: 'count', least: 0, errorClass: constants.ERR_COUNT };

export abstract class DatatypePacking extends DatatypeFacts {
	/** Packs all elements of `inbuf` into `outbuf` from byte `position` on; gives the position behind them. */
	Pack(inbuf: BufferData, outbuf: BufferData, position: number, comm: PackComm): number {
		const view = viewOf(inbuf);
		const into = viewOf(outbuf);
		const from = anAddress(position, { name: 'position', least: 0 });
		const count = this.#elementsOf(view);
		const need = from + count * this.size;
		if (need > into.byteLength) fail(constants.ERR_BUFFER, `\`outbuf\` is too small: it has ${into.byteLength} bytes, ${need} are needed.`);
		check(engine().pack(view, count, this.#living(), into, from, comm.living()));
		return engine().out[0]!;
	}

	/** Fills all elements of `outbuf` from byte `position` of `inbuf` on; gives the position behind them. */
	Unpack(inbuf: BufferData, position: number, outbuf: BufferData, comm: PackComm): number {
		const view = viewOf(outbuf);
		const packed = viewOf(inbuf);
		const from = anAddress(position, { name: 'position', least: 0 });
		const count = this.#elementsOf(view);
		const need = from + count * this.size;
		if (need > packed.byteLength) fail(constants.ERR_BUFFER, `\`inbuf\` is too short: it has ${packed.byteLength} bytes, ${need} are needed.`);
		check(engine().unpack(packed, from, view, count, this.#living(), comm.living()));
		return engine().out[0]!;
	}

	/** How many bytes so many elements take at most. */
	Pack_size(count: number, comm: PackComm): number {
		check(engine().packSize(anInt(count, countRule), this.#living(), comm.living()));
		return engine().out[0]!;
	}

	/** As `Pack()`, into the representation that all machines read: 'external32'. */
	Pack_external(datarep: string, inbuf: BufferData, outbuf: BufferData, position: number): number {
		checkDatarep(datarep);
		const [view, into] = [viewOf(inbuf), viewOf(outbuf)];
		const from = anAddress(position, { name: 'position', least: 0 });
		const count = this.#elementsOf(view);
		const scalars = scalarsOf(this.#part);
		const need = from + count * externalSize(scalars);
		if (need > into.byteLength) fail(constants.ERR_BUFFER, `\`outbuf\` is too small: it has ${into.byteLength} bytes, ${need} are needed.`);
		const native = new Uint8Array(count * this.size);
		check(engine().pack(view, count, this.#living(), native, 0, COMM_SELF_HANDLE));
		toExternal(native, new Uint8Array(into.buffer, into.byteOffset + from, need - from), scalars);
		return need;
	}

	/** As `Unpack()`, from 'external32'. */
	Unpack_external(datarep: string, inbuf: BufferData, position: number, outbuf: BufferData): number {
		checkDatarep(datarep);
		const [packed, view] = [viewOf(inbuf), viewOf(outbuf)];
		const from = anAddress(position, { name: 'position', least: 0 });
		const count = this.#elementsOf(view);
		const scalars = scalarsOf(this.#part);
		const need = from + count * externalSize(scalars);
		if (need > packed.byteLength) fail(constants.ERR_BUFFER, `\`inbuf\` is too short: it has ${packed.byteLength} bytes, ${need} are needed.`);
		const native = new Uint8Array(count * this.size);
		fromExternal(new Uint8Array(packed.buffer, packed.byteOffset + from, need - from), native, scalars);
		check(engine().unpack(native, 0, view, count, this.#living(), COMM_SELF_HANDLE));
		return need;
	}

	/** How many bytes so many elements take in 'external32'. */
	Pack_external_size(datarep: string, count: number): number {
		checkDatarep(datarep);
		this.alive();
		return anInt(count, countRule) * externalSize(scalarsOf(this.#part));
	}

	/** Those that lie wholly in the memory. */
	#elementsOf({ byteLength }: { byteLength: number }): number {
		const { extent, true_lb: lb, true_extent: trueExtent } = this;
		if (extent <= 0) return byteLength >= lb + trueExtent && this.size > 0 ? 1 : 0;
		if (lb < 0) fail(constants.ERR_BUFFER, 'The elements of this datatype begin before their address: they cannot be told from memory alone.');
		return Math.max(0, Math.floor((byteLength - lb - trueExtent) / extent) + 1);
	}

	get #part(): DatatypeRecipe | number {
		return this.recipe ?? this.handle;
	}

	#living(): number {
		this.alive();
		return this.handle;
	}
}
