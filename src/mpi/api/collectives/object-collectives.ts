/**
 * Collective operations on values: the lower-case methods take whatever can be sent to another process. All ranks of
 * the communicator call them, in the same order.
 *
 * In an intercommunicator values go from one group to the other; the root's rank gives `MPI.ROOT`, the other ranks of
 * its group `MPI.PROC_NULL`.
 */
import { aFunction, checkOptions, describe, integerFrom } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { peersOf, roleIn, rootFrom, type RootOptions } from './collective-roles.ts';
import type { CommBase } from '../communicators/comm-base.ts';
import { reduceTo, reduceToFirst } from './object-reductions.ts';
import { broadcast, exchange, gatherAtRoot, gatherForAll, scatterFromRoot, type Sides } from './object-transfers.ts';
import { Op, type Reducer } from '../ops/op.ts';
import { PersistentCollectives } from './persistent-collectives.ts';
import { SUM } from '../datatypes/predefined.ts';
import { type ObjectChannel, privateOf } from '../communicators/private-comm.ts';

export interface ObjectReduceOptions<T> extends RootOptions {
	/** @default MPI.SUM */
	readonly op?: Reducer<T>;
}

export abstract class ObjectCollectives extends PersistentCollectives {
	/** Waits until all ranks have called it. */
	barrier(): void {
		this.Barrier();
	}

	/** Gives all ranks the root's value; what others give does not matter. */
	bcast<T>(obj: T, root?: number | RootOptions): T {
		return broadcast(obj, sidesFrom(this, rootFrom(root, 'bcast()'), 'root')) as T;
	}

	/** Gives each rank its item of the root's list, which has one for each. */
	scatter<T>(sendobj: readonly T[] | null, root?: number | RootOptions): T {
		const sides = sidesFrom(this, rootFrom(root, 'scatter()'), 'root');
		return scatterFromRoot(sides.isSender ? itemsFor(sendobj, peersOf(this), 'scatter()') : [], sides) as T;
	}

	/** Gives the root all ranks' values, by rank; others get null. */
	gather<T>(sendobj: T, root?: number | RootOptions): T[] | null {
		return gatherAtRoot(sendobj, sidesFrom(this, rootFrom(root, 'gather()'), 'others')) as T[] | null;
	}

	/** Gives all ranks all ranks' values, by rank. */
	allgather<T>(sendobj: T): T[] {
		const incoming = peersOf(this);
		return gatherForAll(sendobj, { comm: this, incoming, isAmongNeighbors: false, receivers: incoming }) as T[];
	}

	/** Sends each rank its item of the list, and gives what each has sent here, by rank. */
	alltoall<T>(sendobj: readonly T[]): T[] {
		const incoming = peersOf(this);
		return exchange(itemsFor(sendobj, incoming, 'alltoall()'), { comm: this, incoming, isAmongNeighbors: false }) as T[];
	}

	/** Gives the root what the operation makes of all ranks' values, in the order of ranks; others get null. */
	reduce<T>(sendobj: T, op?: Reducer<T>, root?: number): T | null;
	reduce<T>(sendobj: T, options: ObjectReduceOptions<T>): T | null;
	reduce<T>(sendobj: T, op?: Reducer<T> | ObjectReduceOptions<T>, root?: number): T | null {
		const given = reducerFrom(op, root, 'reduce()');
		const role = roleIn(this, given.root);
		if (this.is_intra) return reduceTo(sendobj, given.op, { comm: privateOf(this).local, root: given.root });
		const { whole, local } = privateOf(this);
		if (role === 'root') return whole.recv(0, 0) as T;
		if (role === 'none') return null;
		const result = reduceToFirst(sendobj, given.op, local);
		if (local.rank === 0) whole.send(result, given.root, 0);
		return null;
	}

	/**
	 * Gives all ranks what the operation makes of all ranks' values, in the order of ranks; in an intercommunicator of
	 * those of the other group.
	 */
	allreduce<T>(sendobj: T, op?: Reducer<T>): T;
	allreduce<T>(sendobj: T, options: { readonly op?: Reducer<T> }): T;
	allreduce<T>(sendobj: T, op?: Reducer<T> | { readonly op?: Reducer<T> }): T {
		const { op: combine } = reducerFrom(op, undefined, 'allreduce()');
		const { whole, local } = privateOf(this);
		const result = reduceToFirst(sendobj, combine, local);
		const shared = this.is_inter && local.rank === 0 ? traded(result, whole) : result;
		return broadcast(shared, { comm: local, root: 0, isSender: local.rank === 0, isReceiver: local.rank !== 0 }) as T;
	}
}

/**
 * Who sends and who receives, in an operation whose data come from the root or go to it. Within one group the root is
 * on both sides.
 */
function sidesFrom(comm: CommBase, root: number, from: 'root' | 'others'): Sides {
	const role = roleIn(comm, root);
	const [isRoot, isOther] = [role === 'root', role === 'other'];
	if (comm.is_inter) {
		const [isSender, isReceiver] = from === 'root' ? [isRoot, isOther] : [isOther, isRoot];
		return { comm, root, isSender, isReceiver };
	}
	return { comm, root, isSender: from === 'others' || isRoot, isReceiver: from === 'root' || isRoot };
}

/** For operations that send each its own item. */
export function itemsFor(list: unknown, count: number, owner: string): readonly unknown[] {
	if (!Array.isArray(list))
		throw new ArgumentError(`Expected ${owner} to be given an array of ${count} items, one for each rank to send to, got ${describe(list)}.`);
	if (list.length !== count)
		throw new ArgumentError(`Expected ${owner} to be given ${count} items, one for each rank to send to, got ${list.length}.`);
	return list;
}

/** @param root - where it is an argument of its own */
export function reducerFrom<T>(
	op: Reducer<T> | ObjectReduceOptions<T> | undefined,
	root: number | undefined,
	owner: string,
): { op: Reducer<T>; root: number } {
	if (op instanceof Op) return { op, root: rootFrom(root, owner) };
	if (typeof op === 'function') return { op, root: rootFrom(root, owner) };
	if (op === undefined) return { op: SUM, root: rootFrom(root, owner) };
	checkOptions(op, { owner, kinds: { op: { ...aFunction, what: 'an MPI.Op or a function' }, root: integerFrom(Number.MIN_SAFE_INTEGER) } });
	return { op: op.op ?? SUM, root: op.root ?? 0 };
}

/** The first ranks of both groups give each other what their groups have made. */
function traded<T>(value: T, whole: ObjectChannel): T {
	const sending = whole.isend(value, 0, 0);
	const theirs = whole.recv(0, 0) as T;
	sending.wait();
	return theirs;
}
