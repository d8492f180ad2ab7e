/**
 * The table of operations: the predefined ones by their numbers (opHandles), those that programs make by handles that
 * are never given twice.
 */
import type { OpFunction } from '../../engine/datatypes.ts';
import { ERR_ARG, ERR_OP, SUCCESS } from '../../constants.ts';
import type { Layout } from '../datatypes/layout.ts';
import type { Kernel } from './kernels/kernel.ts';
import { packInto, unpackFrom } from '../datatypes/pack.ts';
import { kernelOf } from './reduce.ts';
import { FIRST_OWN_HANDLE } from '../../engine/shared-numbers.ts';

export interface UserOperation {
	readonly fn: OpFunction;
	readonly commutes: boolean;
}

/**
 * An operation on elements of one datatype, as messages carry them: `inout[i] = input[i] op inout[i]`. What a user's
 * function throws is kept, and thrown by `rethrow`, so that an algorithm can go on sending what others wait for.
 */
export interface Combiner {
	readonly commutes: boolean;
	/** Class of the error when the operation is not defined for the datatype; 0 else. Then `combine` does nothing. */
	readonly error: number;
	/** Of so many elements: the bytes may be longer. */
	combine(input: Uint8Array, inout: Uint8Array, count: number): void;
	/** False: `rethrow` has never anything to throw. */
	readonly mayThrow: boolean;
	rethrow(): void;
}

export class Ops {
	readonly #own = new Map<number, UserOperation>();
	#next = FIRST_OWN_HANDLE;

	create(operation: UserOperation): number {
		this.#own.set(this.#next, operation);
		return this.#next++;
	}

	free(op: number): number {
		return this.#own.delete(op) ? SUCCESS : ERR_ARG;
	}

	/** `type` is the datatype's handle, as a user's function is told; `layout` what it is. */
	combiner(op: number, type: number, layout: Layout): Combiner {
		const own = op < FIRST_OWN_HANDLE ? undefined : this.#own.get(op);
		return own === undefined ? predefinedCombiner(op, type) : new UserCombiner(own, type, layout);
	}
}

const undefinedCombiner: Combiner = { commutes: true, error: ERR_OP, mayThrow: false, combine: () => undefined, rethrow: () => undefined };

function predefinedCombiner(op: number, type: number): Combiner {
	const kernel = kernelOf(op, type);
	return kernel === undefined ? undefinedCombiner : new PredefinedCombiner(kernel);
}

class PredefinedCombiner implements Combiner {
	readonly commutes = true;
	readonly error = SUCCESS;
	readonly mayThrow = false;
	readonly combine: Kernel;

	constructor(kernel: Kernel) {
		this.combine = kernel;
	}

	rethrow(): void {}
}

class UserCombiner implements Combiner {
	readonly error = SUCCESS;
	readonly mayThrow = true;
	readonly commutes: boolean;
	readonly #fn: OpFunction;
	readonly #type: number;
	readonly #layout: Layout;
	#thrown: { readonly error: unknown } | undefined;

	constructor({ fn, commutes }: UserOperation, type: number, layout: Layout) {
		this.#fn = fn;
		this.commutes = commutes;
		this.#type = type;
		this.#layout = layout;
	}

	combine(input: Uint8Array, inout: Uint8Array, count: number): void {
		if (count === 0 || this.#thrown !== undefined) return;
		try {
			if (isUsable(input, inout, this.#layout)) this.#combineInPlace(input, inout, count);
			else this.#combineCopies(input, inout, count);
		} catch (error) {
			this.#thrown = { error };
		}
	}

	rethrow(): void {
		if (this.#thrown !== undefined) throw this.#thrown.error;
	}

	#combineInPlace(input: Uint8Array, inout: Uint8Array, count: number): void {
		const length = count * this.#layout.size;
		this.#fn(input.subarray(0, length), inout.subarray(0, length), count, this.#type);
	}

	#combineCopies(input: Uint8Array, inout: Uint8Array, count: number): void {
		const layout = this.#layout;
		const [a, b] = [laidOut(input, count, layout), laidOut(inout, count, layout)];
		this.#fn(a, b, count, this.#type);
		packInto(inout, { view: b, byteOffset: 0 }, count, layout);
	}
}

/** The function may make typed arrays of what it is given. */
function isUsable(input: Uint8Array, inout: Uint8Array, { isContiguous, alignment }: Layout): boolean {
	return isContiguous && input.byteOffset % alignment === 0 && inout.byteOffset % alignment === 0;
}

/** The elements as their datatype lays them out, in memory of their own; the first byte is their address. */
function laidOut(bytes: Uint8Array, count: number, layout: Layout): Uint8Array {
	const { trueLowerBound, trueExtent, extent } = layout;
	const lowest = Math.min(0, trueLowerBound, trueLowerBound + (count - 1) * extent);
	const highest = Math.max(count * extent, trueLowerBound + trueExtent + Math.max(0, (count - 1) * extent));
	const before = Math.ceil(-lowest / 16) * 16;
	const view = new Uint8Array(new ArrayBuffer(before + highest), before);
	unpackFrom(bytes.subarray(0, count * layout.size), { view, byteOffset: 0 }, count, layout);
	return view;
}
