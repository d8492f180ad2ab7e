/** Accesses to windows, from the arguments of a program to those of the engine. */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_COUNT, ERR_DISP, ERR_OP, ERR_TYPE, PROC_NULL } from '../../constants.ts';
import type { EngineBuffer } from '../../engine/buffers.ts';
import { opHandles } from '../../handles.ts';
import { BufferSpec, checkedCount, named, type TypeSpec, usableType } from '../buffers/buffer-spec.ts';
import { type ErrorOwner, fail } from '../arguments/check.ts';
import type { Datatype } from '../datatypes/datatype.ts';
import { anAddress } from '../arguments/numbers.ts';
import { Op } from '../ops/op.ts';

/**
 * Where in the target's window: the displacement, how many elements, of which datatype. What is left out is 0, and as
 * in the own buffer. Displacements are in units of the target's window.
 */
export type TargetSpec =
	| number
	| readonly []
	| readonly [displacement: number]
	| readonly [displacement: number, count: number]
	| readonly [displacement: number, count: number, datatype: TypeSpec]
	| null;

export interface Origin {
	readonly view: EngineBuffer;
	readonly count: number;
	readonly type: number;
	readonly datatype: Datatype;
}

export interface Target {
	readonly displacement: number;
	readonly count: number;
	readonly type: number;
}

/** The own buffer of an access to a rank; of one to MPI.PROC_NULL it does not count. */
export function originFrom(buf: unknown, name: string, { rank, owner }: { rank: number; owner: ErrorOwner }): Origin {
	if (rank === PROC_NULL) return new BufferSpec().read(null);
	if (buf === null || buf === undefined) throw new ArgumentError(`Expected \`${name}\` to be a buffer, got ${describe(buf)}.`);
	return new BufferSpec().read(buf, owner);
}

export function targetFrom(target: unknown, { count, type, datatype }: Origin, owner: ErrorOwner): Target {
	if (target === null || target === undefined) return { displacement: 0, count, type };
	const list: unknown[] = Array.isArray(target) ? target : [target];
	if (list.length > 3)
		throw new ArgumentError(`Expected \`target\` to be \`[displacement, count, datatype]\` at most, got a list of ${list.length} items.`);
	const [displacement = 0, given, spec] = list;
	const targetType = spec === undefined ? datatype : usableType(spec, owner);
	return {
		displacement: aDisplacement(displacement, 'target', owner),
		count: given === undefined ? count : checkedCount(given, owner),
		type: spec === undefined ? type : targetType.handle,
	};
}

export function aDisplacement(value: unknown, name: string, owner: ErrorOwner): number {
	const displacement = anAddress(value, { name });
	if (displacement < 0) fail(ERR_DISP, `The displacement ${displacement} lies before the beginning of the window.`, owner);
	return displacement;
}

/** The buffers of an operation on one element. */
export function singles(specs: readonly (readonly [name: string, buf: unknown])[], { rank, owner }: { rank: number; owner: ErrorOwner }): Origin[] {
	const origins = specs.map(([name, buf]) => originFrom(buf, name, { rank, owner }));
	const [first] = origins;
	specs.forEach(([name], i) => {
		const { count, datatype } = origins[i]!;
		if (rank === PROC_NULL) return;
		if (count !== 1) fail(ERR_COUNT, `\`${name}\` has ${count} elements: the operation is on one.`, owner);
		if (datatype.predefined === undefined)
			fail(ERR_TYPE, `\`${name}\` is of a derived datatype: the operation is on one element of a predefined one.`, owner);
		if (datatype.handle !== first!.datatype.handle) {
			fail(
				ERR_TYPE,
				`\`${name}\` is of ${named(datatype)}, \`${specs[0]![0]}\` of ${named(first!.datatype)}: all must be of one datatype.`,
				owner,
			);
		}
	});
	return origins;
}

/** For Compare_and_swap. */
export function checkComparable({ datatype }: Origin, owner: ErrorOwner): void {
	const { kind } = datatype.predefined!;
	if (['int', 'uint', 'bool', 'byte'].includes(kind)) return;
	fail(ERR_TYPE, `Compare_and_swap() compares integers, truth values and bytes, no elements of ${named(datatype)}.`, owner);
}

/** @param isFetching - whether the old value is given back; only then is there a point in leaving it */
export function accumulateOp(
	op: unknown,
	{ datatype }: Origin,
	{ rank, isFetching, owner }: { rank: number; isFetching: boolean; owner: ErrorOwner },
): number {
	if (!(op instanceof Op)) throw new ArgumentError(`Expected \`op\` to be an MPI.Op, got ${describe(op)}.`);
	if (op.handle === 0) fail(ERR_OP, 'The operation is OP_NULL, or was freed.', owner);
	if (!op.is_predefined) fail(ERR_OP, 'Windows know the predefined operations only: MPI.SUM, MPI.REPLACE, …', owner);
	if (op.handle === opHandles.NO_OP && !isFetching)
		fail(ERR_OP, 'Accumulate() with MPI.NO_OP would do nothing: it is for Get_accumulate() and Fetch_and_op().', owner);
	const why = rank === PROC_NULL ? undefined : Op.unfit(op, datatype.basic);
	if (why !== undefined) fail(ERR_OP, `${why}.`, owner);
	return op.handle;
}
