/**
 * Reductions of values, by an Op or a function: messages of values along a binomial tree, on a communicator of the
 * library's own. Values are always combined in the order of ranks, so the operation must be associative, and need not
 * be commutative.
 */
import type { ObjectChannel } from '../communicators/private-comm.ts';
import type { Reducer } from '../ops/op.ts';

const TAG = 0;

/** Gives rank `root` the combination of all values; others get null. */
export function reduceTo<T>(value: T, op: Reducer<T>, { comm, root }: { comm: ObjectChannel; root: number }): T | null {
	const result = reduceToFirst(value, op, comm);
	if (root === 0) return comm.rank === 0 ? result : null;
	if (comm.rank === 0) comm.send(result, root, TAG);
	return comm.rank === root ? (comm.recv(0, TAG) as T) : null;
}

/** On rank 0 the combination of all values; elsewhere a part of it. */
export function reduceToFirst<T>(value: T, op: Reducer<T>, comm: ObjectChannel): T {
	const { rank, size } = comm;
	let result = value;
	for (let step = 1; step < size; step *= 2) {
		if (rank & step) {
			comm.send(result, rank - step, TAG);
			break;
		}
		if (rank + step < size) result = op(result, comm.recv(rank + step, TAG) as T);
	}
	return result;
}

/** The combination of the values of the ranks up to this one. */
export function scanValues<T>(value: T, op: Reducer<T>, comm: ObjectChannel): T {
	let result = value;
	upwards(value, op, {
		comm,
		take: (before) => {
			result = op(before, result);
		},
	});
	return result;
}

/** The combination of the values of the ranks before this one; null on rank 0. */
export function exscanValues<T>(value: T, op: Reducer<T>, comm: ObjectChannel): T | null {
	let result: { readonly value: T } | undefined;
	upwards(value, op, {
		comm,
		take: (before) => {
			result = { value: result === undefined ? before : op(before, result.value) };
		},
	});
	return result === undefined ? null : result.value;
}

/**
 * In each round pairs of ranks exchange what the ranks around each of them make together, twice as many in each; `take`
 * is given what comes from ranks before, nearest first.
 */
function upwards<T>(value: T, op: Reducer<T>, { comm, take }: { comm: ObjectChannel; take: (before: T) => void }): void {
	const { rank, size } = comm;
	let partial = value;
	for (let step = 1; step < size; step *= 2) {
		const partner = rank ^ step;
		if (partner >= size) continue;
		const sending = comm.isend(partial, partner, TAG);
		const theirs = comm.recv(partner, TAG) as T;
		sending.wait();
		if (partner < rank) {
			take(theirs);
			partial = op(theirs, partial);
		} else partial = op(partial, theirs);
	}
}
