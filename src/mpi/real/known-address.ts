/**
 * Which small array a call was given last: who sends from, or receives into, the same one again need not ask Node where
 * it lies, which costs 10 ns of a call's 45. The address stays in a register of the addon's, since JavaScript would
 * make an object of a number that is as large.
 *
 * It never changes while the array has a length: memory that is transferred, or that WebAssembly gives up in order to
 * grow, leaves arrays of length 0.
 */
import type { EngineBuffer } from '../engine/buffers.ts';
import type { MpiNative } from './mpi-native.ts';

/** Larger memory is not kept from being collected. */
const rememberedBytes = 4096;

export class KnownAddress {
	readonly #mpi: MpiNative;
	readonly #registers: Float64Array;
	readonly #place: number;
	#array: EngineBuffer = new Uint8Array(0);

	/** `place`: that of the register. */
	constructor(mpi: MpiNative, registers: Float64Array, place: number) {
		this.#mpi = mpi;
		this.#registers = registers;
		this.#place = place;
	}

	/** Whether the register has its address. */
	isOf(buffer: EngineBuffer): boolean {
		return (buffer === this.#array && (buffer as Uint8Array).byteLength !== 0) || this.#learn(buffer);
	}

	#learn(buffer: EngineBuffer): boolean {
		if (!ArrayBuffer.isView(buffer) || buffer.byteLength === 0 || buffer.buffer.byteLength > rememberedBytes) return false;
		this.#array = buffer;
		this.#registers[this.#place] = this.#mpi.address(buffer);
		return true;
	}
}
