/**
 * Who a rank is in a collective operation, and which of its two buffers count.
 *
 * Within one group the root is a rank. In an intercommunicator one rank of one group is the root and gives MPI.ROOT,
 * the others of its group give MPI.PROC_NULL and have no part; the other group gives the root's rank.
 */
import { checkOptions, integerFrom, type Kind } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ROOT, PROC_NULL, ROOT } from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { Op } from '../ops/op.ts';
import { SUM } from '../datatypes/predefined.ts';

export type Role = 'root' | 'other' | 'none';

/** mpi4py's keyword arguments of the operations that have a root. */
export interface RootOptions {
	/** @default 0 */
	readonly root?: number;
}
export interface OpOptions {
	/** @default MPI.SUM */
	readonly op?: Op;
}
export interface ReduceOptions extends RootOptions, OpOptions {}

/** Throws when there is no such root. */
export function roleIn(comm: CommBase, root: number): Role {
	if (comm.is_intra) {
		comm.checkRoot(root);
		return comm.rank === root ? 'root' : 'other';
	}
	if (root === ROOT) return 'root';
	if (root === PROC_NULL) return 'none';
	const size = peersOf(comm);
	if (!Number.isInteger(root) || root < 0 || root >= size) {
		fail(ERR_ROOT, `The root ${root} is none: it must be MPI.ROOT, MPI.PROC_NULL, or a rank of the remote group, which has ${size}.`, comm);
	}
	return 'other';
}

/** How many ranks the blocks of a buffer belong to: those of the remote group of an intercommunicator. */
export function peersOf(comm: CommBase): number {
	const { worldRanks, remoteWorldRanks } = comm.describe();
	return (remoteWorldRanks ?? worldRanks).length;
}

export function rootFrom(root: number | RootOptions | undefined, owner: string): number {
	if (typeof root === 'number') return root;
	if (root === undefined) return 0;
	checkOptions(root, { owner, kinds: { root: aRoot } });
	return root.root ?? 0;
}

export function opFrom(op: Op | OpOptions | undefined, owner: string): Op {
	if (op instanceof Op) return op;
	if (op === undefined) return SUM;
	if (typeof op === 'function') throw functionForOp(owner);
	checkOptions(op, { owner, kinds: { op: anOp } });
	return op.op ?? SUM;
}

export function opAndRootFrom(op: Op | ReduceOptions | undefined, root: number | undefined, owner: string): { op: Op; root: number } {
	if (op === undefined || op instanceof Op) return { op: op ?? SUM, root: rootFrom(root, owner) };
	if (typeof op === 'function') throw functionForOp(owner);
	checkOptions(op, { owner, kinds: { op: anOp, root: aRoot } });
	return { op: op.op ?? SUM, root: op.root ?? 0 };
}

function functionForOp(owner: string): ArgumentError {
	return new ArgumentError(
		`${owner} combines buffers: make an operation of your function with MPI.Op.Create(), or use the lower-case method, which takes functions.`,
	);
}

const aRoot: Kind = { ...integerFrom(Number.MIN_SAFE_INTEGER), what: 'a rank' };
const anOp: Kind = { what: 'an MPI.Op', has: (value) => value instanceof Op };
