/**
 * Communicators of the library's own, beside those of the program: duplicates whose messages no receive of the program
 * can take. One is made at the first operation that needs it, which is collective, so all ranks make it at the same
 * place; it is freed with the program's.
 */
import { check } from '../arguments/check.ts';
import { canonical, type CommBase, makers } from './comm-base.ts';
import { beforeFinalize, engine, whenLeft } from '../environment/lifecycle.ts';
import type { Request } from '../requests/request.ts';

/** Messages of values between two ranks. */
export interface ObjectChannel extends CommBase {
	send(obj: unknown, dest: number, tag: number): void;
	recv(source: number, tag: number): unknown;
	isend(obj: unknown, dest: number, tag: number): Request;
}

export interface PrivateComms {
	/** A duplicate. */
	readonly whole: ObjectChannel;
	/** The own group alone: the same as `whole`, unless that joins two groups. */
	readonly local: ObjectChannel;
}

/** Collective at the first call. */
export function privateOf(comm: CommBase): PrivateComms {
	const found = privates.get(comm);
	if (found !== undefined) return found;
	if (!isHooked) beforeFinalize(releaseAll);
	isHooked = true;
	check(engine().commDup(comm.living()), comm);
	const whole = objectsOn(engine().out[0]!, comm.is_inter ? 'inter' : 'intra');
	const made = { whole, local: comm.is_inter ? localOf(whole) : whole };
	privates.set(comm, made);
	return made;
}

/** Before the program's communicator, and in the same way: collective as that is. */
export function releasePrivate(comm: CommBase, how: 'commFree' | 'commDisconnect' = 'commFree'): void {
	const found = privates.get(comm);
	if (found === undefined) return;
	privates.delete(comm);
	for (const own of new Set([found.whole, found.local])) {
		check(engine()[how](own.living()));
		own.forget();
	}
}

const privates = new Map<CommBase, PrivateComms>();
let isHooked = false;
whenLeft(() => {
	privates.clear();
	isHooked = false;
});

function releaseAll(): void {
	for (const comm of [...privates.keys()]) releasePrivate(comm);
}

function objectsOn(handle: number, kind: 'inter' | 'intra'): ObjectChannel {
	return canonical(handle, (made) => makers[kind](made)) as unknown as ObjectChannel;
}

/** Both groups become one, which is split again: this one's ranks come first in it, or all behind the others. */
function localOf(inter: CommBase): ObjectChannel {
	check(engine().intercommMerge(inter.living(), false));
	const merged = engine().out[0]!;
	const { rank } = engine().describeComm(merged);
	check(engine().commSplit(merged, Number(rank > inter.rank), inter.rank));
	const local = objectsOn(engine().out[0]!, 'intra');
	check(engine().commFree(merged));
	return local;
}
