/**
 * Op: what a reduction does with two operands. An Op can be called on two values, as a function: so `allreduce(value,
 * MPI.SUM)` and `allreduce(value, (a, b) => a + b)` are of one type.
 *
 * The predefined ones exist before any engine does, one object each. The engine combines buffers of elements with them;
 * what they do with values is in object-ops.ts. An operation of the user's is made in the engine when the Op is
 * created, and called there with the operands' bytes; its function sees typed arrays of the datatype's elements.
 */
import { inspect } from 'node:util';
import { ArgumentError } from '../../../base/errors.ts';
import { aBoolean, checkArgument, describe } from '../../../base/arguments.ts';
import { ERR_COUNT, ERR_OP, ERR_TYPE } from '../../constants.ts';
import { keywordOr } from '../arguments/keywords.ts';
import { engine } from '../environment/lifecycle.ts';
import { type ElementKind, NULL_HANDLE, opHandles } from '../../handles.ts';
import { checkApart } from '../buffers/buffer-overlap.ts';
import { type BufSpec, BufferSpec } from '../buffers/buffer-spec.ts';
import { check, fail } from '../arguments/check.ts';
import { type Datatype, DATATYPE_NULL, datatypeOf } from '../datatypes/datatype.ts';
import { elementsOf } from './element-arrays.ts';
import { type Combine, objectOps } from './object-ops.ts';

/** Combines two values into one, of the same kind; must be associative. */
export type Reducer<T> = (a: T, b: T) => T;

/**
 * The function of a user's operation. On buffers: `inout[i] = a[i] op inout[i]` for all elements; `a` and `inout` are
 * typed arrays (of bytes for a datatype that none fits), and what it gives back is ignored. On values, where the third
 * argument is null: it gives the result.
 */
export type OpFunction<A = unknown> = (a: A, inout: A, datatype: Datatype | null) => unknown;

interface OpOrigin {
	readonly handle: number;
	readonly name: string;
	readonly commutes: boolean;
	readonly combine: Combine;
}

/** The two values, combined. */
interface CallableOp {
	<T>(a: T, b: T): T;
}

/** Makes a function object that has the methods of the class: what a constructor returns is the instance. */
const Callable = class {
	constructor(call: (a: unknown, b: unknown) => unknown) {
		return Object.setPrototypeOf(call, new.target.prototype) as object;
	}
} as unknown as new (call: (a: unknown, b: unknown) => unknown) => CallableOp;

export class Op extends Callable {
	/** The seam's number of it; 0 when it is none, or freed. */
	handle: number;
	readonly #origin: OpOrigin | undefined;

	/** As in mpi4py, a `new Op()` of a program's own is a null operation; the argument is for the library. */
	constructor(origin?: OpOrigin) {
		super((a, b) => (this.handle === NULL_HANDLE ? noOp() : origin!.combine(a, b)));
		this.#origin = origin;
		this.handle = origin?.handle ?? NULL_HANDLE;
	}

	/**
	 * An operation of one's own. `commute`: whether `a op b` equals `b op a`; then the engine may take the operands in
	 * any order. To say so of an operation for which it does not hold gives different results on different ranks.
	 */
	static Create<A>(fn: OpFunction<A>, commute: boolean | { readonly commute?: boolean } = false): Op {
		const commutes = keywordOr('Create()', 'commute', { given: commute, byDefault: false });
		if (typeof fn !== 'function') throw new ArgumentError(`Expected the function of an operation, got ${describe(fn)}.`);
		checkArgument('`commute`', commutes, aBoolean);
		const combineBytes = (input: Uint8Array, inout: Uint8Array, count: number, type: number): void => {
			const datatype = datatypeOf(type) ?? DATATYPE_NULL;
			const a = elementsOf(input, count, datatype);
			const b = elementsOf(inout, count, datatype);
			fn(a.elements as A, b.elements as A, datatype);
			b.store();
		};
		check(engine().opCreate(combineBytes, commutes));
		return new Op({ handle: engine().out[0]!, name: 'of the user', commutes, combine: (a, b) => fn(a as A, b as A, null) });
	}

	Free(): void {
		if (this.is_predefined)
			fail(
				ERR_OP,
				this.handle === NULL_HANDLE
					? 'The operation is OP_NULL, or was freed.'
					: `MPI.${this.#origin!.name} is predefined: it cannot be freed.`,
			);
		check(engine().opFree(this.handle));
		this.handle = NULL_HANDLE;
	}
	/** As `Free()`, without an error for those that are predefined, null or freed. */
	free(): void {
		if (!this.is_predefined) this.Free();
	}

	Is_commutative(): boolean {
		return this.handle === NULL_HANDLE ? noOp() : this.#origin!.commutes;
	}
	get is_commutative(): boolean {
		return this.Is_commutative();
	}
	get is_predefined(): boolean {
		return this.handle === NULL_HANDLE || Object.values<number>(opHandles).includes(this.handle);
	}

	/** Combines the elements of two buffers of this process: `inoutbuf[i] = inbuf[i] op inoutbuf[i]`. */
	Reduce_local(inbuf: BufSpec, inoutbuf: BufSpec): void {
		const input = new BufferSpec().read(inbuf);
		const inout = new BufferSpec().read(inoutbuf);
		if (input.count !== inout.count)
			fail(ERR_COUNT, `\`inbuf\` has ${input.count} elements, \`inoutbuf\` ${inout.count}: both need the same number.`);
		if (input.type !== inout.type) fail(ERR_TYPE, '`inbuf` and `inoutbuf` must be of one datatype.');
		checkApart(input, inout);
		check(engine().reduceLocal(input.view, inout.view, inout.count, inout.type, opHandleFor(this, inout.datatype)));
	}

	[inspect.custom](): string {
		return `Op ${this.handle === NULL_HANDLE ? 'OP_NULL' : this.#origin!.name}`;
	}

	/** For checks: why it does not fit the elements of a datatype; undefined when it does. */
	static unfit(op: Op, type: Datatype): string | undefined {
		const name = op.#origin?.name ?? '';
		const kinds = op.handle >= 1 && op.handle < fitting.length ? fitting[op.handle]! : undefined;
		if (kinds === undefined) return undefined;
		const predefined = type.predefined;
		if (predefined === undefined)
			return `MPI.${name} combines elements of predefined datatypes only; make an operation with MPI.Op.Create() for derived ones`;
		return kinds.includes(predefined.kind) ? undefined : `MPI.${name} does not combine elements of ${predefined.mpiName}`;
	}
}

/** The null operation: its handle is 0. */
export const OP_NULL = new Op();

/** By mpi4py's names. */
export const predefinedOps = Object.fromEntries(
	Object.entries(opHandles).map(([name, handle]) => {
		const commutes = name !== 'REPLACE' && name !== 'NO_OP';
		return [name, new Op({ handle, name, commutes, combine: objectOps[name as keyof typeof opHandles] })];
	}),
) as Readonly<Record<keyof typeof opHandles, Op>>;

/**
 * The handle of an operation that somebody gave for buffers of this datatype; throws when it is none, was freed, or
 * does not fit.
 */
export function opHandleFor(op: unknown, type: Datatype): number {
	const handle = opHandle(op);
	const why = Op.unfit(op as Op, type);
	if (why !== undefined) fail(ERR_OP, `${why}.`);
	return handle;
}

/** The handle of an operation that somebody gave for a reduction; throws when it is none, or was freed. */
export function opHandle(op: unknown): number {
	if (!(op instanceof Op)) {
		const hint =
			typeof op === 'function' ? ' Make one of your function with MPI.Op.Create(); functions as they are go with the lower-case methods.' : '';
		throw new ArgumentError(`Expected an MPI.Op, got ${describe(op)}.${hint}`);
	}
	if (op.handle === NULL_HANDLE) noOp();
	if (op.handle === opHandles.REPLACE || op.handle === opHandles.NO_OP)
		fail(ERR_OP, 'MPI.REPLACE and MPI.NO_OP are for windows (Accumulate and the like), not for reductions.');
	return op.handle;
}

function noOp(): never {
	fail(ERR_OP, 'The operation is OP_NULL, or was freed.');
}

const numbers: readonly ElementKind[] = ['int', 'uint', 'float'];
const sums: readonly ElementKind[] = [...numbers, 'complex'];
const logical: readonly ElementKind[] = ['int', 'uint', 'bool'];
const bits: readonly ElementKind[] = ['int', 'uint', 'byte'];

/** By handle: what each combines, after the table of the standard's section on predefined reduction operations. */
const fitting: readonly (readonly ElementKind[] | undefined)[] = (() => {
	const table: (readonly ElementKind[] | undefined)[] = [];
	const { MAX, MIN, SUM, PROD, LAND, LOR, LXOR, BAND, BOR, BXOR, MAXLOC, MINLOC } = opHandles;
	for (const op of [MAX, MIN]) table[op] = numbers;
	for (const op of [SUM, PROD]) table[op] = sums;
	for (const op of [LAND, LOR, LXOR]) table[op] = logical;
	for (const op of [BAND, BOR, BXOR]) table[op] = bits;
	for (const op of [MAXLOC, MINLOC]) table[op] = ['pair'];
	return table;
})();
