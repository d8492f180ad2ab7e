/**
 * Accesses to memory that only its owner has: the origin sends what is to be done, the target does it when it makes
 * progress, in any call of MPI, and answers. Each member runs a server for each other one, a schedule that goes on as
 * long as the window exists.
 *
 * A request is a head of numbers (kind, op, offset, count; bytes of the layout, of the data, of the comparison, of what
 * is to be read; tag of the answer), then the layout as JSON and the bytes, each as a message if there is something in
 * it. The answer is one number, the error, and then what was read. So requests of one origin are served in order.
 */
import { perform, type Access, type TargetLayout } from './window-access.ts';
import { firstError, type Channel, type Schedule, type Transfer } from '../schedules/schedule.ts';
import { borrow, giveBack } from '../schedules/scratch.ts';

const requestTag = 0;
const stop = -1;
const headNumbers = 9;

/**
 * Sends it, and waits for the answer; `result` is filled. `answerTag` is greater than 0, and of no other request under
 * way.
 */
export function* requestAccess(channel: Channel, target: number, { access, result, answerTag }: Request): Schedule {
	const layout = new TextEncoder().encode(JSON.stringify(targetLayoutOf(access.layout)));
	const { kind, op, offset, count, data, compare = nothing } = access;
	const head = Float64Array.of(kind, op, offset, count, layout.length, data.length, compare.length, result.length, answerTag);
	const sends = [bytesOf(head), layout, data, compare].filter(({ length }) => length > 0).map((bytes) => channel.isend(bytes, target, requestTag));
	const error = new Float64Array(1);
	const receives = [channel.irecv(bytesOf(error), target, answerTag), channel.irecv(result, target, answerTag)];
	yield receives;
	yield sends;
	return firstError(firstError(error[0]!, receives), sends);
}

export interface Request {
	readonly access: Access;
	readonly result: Uint8Array;
	readonly answerTag: number;
}

/** Lets a target's server for this member end. */
export function* requestEnd(channel: Channel, target: number): Schedule {
	const head = new Float64Array(headNumbers).fill(stop);
	const sends = [channel.isend(bytesOf(head), target, requestTag)];
	yield sends;
	return firstError(0, sends);
}

/** Does what `source` asks for, until it says that it will not any more. */
export function* serveAccesses(channel: Channel, source: number, memory: Uint8Array): Schedule {
	for (;;) {
		const head = new Float64Array(headNumbers);
		yield [channel.irecv(bytesOf(head), source, requestTag)];
		const [kind, op, offset, count, layoutBytes, dataBytes, compareBytes, resultBytes, answerTag] = head as unknown as Head;
		if (kind === stop) return 0;
		const parts = [layoutBytes, dataBytes, compareBytes].map((length) => borrow(length));
		const [layout, data, compare] = parts as [Uint8Array, Uint8Array, Uint8Array];
		yield parts.filter(({ length }) => length > 0).map((bytes) => channel.irecv(bytes, source, requestTag));
		const target = JSON.parse(new TextDecoder().decode(layout)) as TargetLayout;
		const result = borrow(resultBytes);
		const error = perform(memory, { kind, op, offset, count, layout: target, data, compare }, result);
		const answer: Transfer[] = [channel.isend(bytesOf(Float64Array.of(error)), source, answerTag), channel.isend(result, source, answerTag)];
		yield answer;
		giveBack(result, ...parts);
	}
}

type Head = [
	kind: number,
	op: number,
	offset: number,
	count: number,
	layoutBytes: number,
	dataBytes: number,
	compareBytes: number,
	resultBytes: number,
	answerTag: number,
];

const nothing = new Uint8Array(0);

function targetLayoutOf({ size, extent, isContiguous, runs, basic, trueLowerBound, trueExtent }: TargetLayout): TargetLayout {
	return { size, extent, isContiguous, runs, basic, trueLowerBound, trueExtent };
}

function bytesOf(numbers: Float64Array): Uint8Array {
	return new Uint8Array(numbers.buffer);
}
