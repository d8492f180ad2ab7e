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

/** With the program's communicator: collective as that is. */
export function releasePrivate(comm: CommBase): void {
	const found = privates.get(comm);
	if (found === undefined) return;
	privates.delete(comm);
	free(found.whole);
	if (found.local !== found.whole) free(found.local);
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

function free(comm: CommBase): void {
	check(engine().commFree(comm.living()));
	comm.forget();
}

function objectsOn(handle: number, kind: 'inter' | 'intra'): ObjectChannel {
	return canonical(handle, (made) => makers[kind](made)) as unknown as ObjectChannel;
}

/** Both groups become one, which is split into both again. */
function localOf(inter: CommBase): ObjectChannel {
	const { worldRanks, remoteWorldRanks } = inter.describe();
	const isSecond = worldRanks[0]! > remoteWorldRanks![0]!;
	check(engine().intercommMerge(inter.living(), isSecond));
	const merged = engine().out[0]!;
	check(engine().commSplit(merged, Number(isSecond), inter.rank));
	const local = objectsOn(engine().out[0]!, 'intra');
	check(engine().commFree(merged));
	return local;
}
