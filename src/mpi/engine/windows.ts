/** The part of the seam (engine.ts) that is MPI's chapter on one-sided communication. */
import type { EngineBuffer } from './buffers.ts';
import type { InfoEntries } from './info.ts';

type Origin = [origin: EngineBuffer, originCount: number, originType: number];
type Result = [result: EngineBuffer, resultCount: number, resultType: number];
type Target = [target: number, displacement: number, targetCount: number, targetType: number];
type Access<A extends unknown[], Op extends unknown[] = []> = (...args: [...A, ...Target, ...Op, win: number]) => number;

/**
 * One-sided communication. Displacements are in units of the target's window. All that make a window put its handle
 * into out[0].
 */
export interface Windows {
	winCreate(buffer: EngineBuffer, displacementUnit: number, info: InfoEntries, comm: number): number;
	winAllocate(bytes: number, displacementUnit: number, info: InfoEntries, comm: number): number;
	winAllocateShared(bytes: number, displacementUnit: number, info: InfoEntries, comm: number): number;
	winCreateDynamic(info: InfoEntries, comm: number): number;
	/** The own memory of a window that the engine has allocated. */
	winMemory(win: number): ArrayBuffer | SharedArrayBuffer;
	/** A member's part of a shared window; PROC_NULL: of the first that has one. out[0]: its displacement unit. */
	winSharedQuery(win: number, rank: number): ArrayBuffer | SharedArrayBuffer;
	winFree(win: number): number;
	readonly put: Access<Origin>;
	readonly get: Access<Origin>;
	readonly accumulate: Access<Origin, [op: number]>;
	readonly getAccumulate: Access<[...Origin, ...Result], [op: number]>;
	fetchAndOp(origin: EngineBuffer, result: EngineBuffer, type: number, target: number, displacement: number, op: number, win: number): number;
	compareAndSwap(
		origin: EngineBuffer,
		compare: EngineBuffer,
		result: EngineBuffer,
		type: number,
		target: number,
		displacement: number,
		win: number,
	): number;
	/** These four give requests. */
	readonly rput: Access<Origin>;
	readonly rget: Access<Origin>;
	readonly raccumulate: Access<Origin, [op: number]>;
	readonly rgetAccumulate: Access<[...Origin, ...Result], [op: number]>;
	fence(assertion: number, win: number): number;
	lock(type: number, rank: number, assertion: number, win: number): number;
	unlock(rank: number, win: number): number;
	lockAll(assertion: number, win: number): number;
	unlockAll(win: number): number;
	flush(rank: number, win: number): number;
	flushAll(win: number): number;
	flushLocal(rank: number, win: number): number;
	flushLocalAll(win: number): number;
	winSync(win: number): number;
	/** Groups are ranks of the window's communicator. */
	post(ranks: Int32Array, assertion: number, win: number): number;
	startAccess(ranks: Int32Array, assertion: number, win: number): number;
	completeAccess(win: number): number;
	waitExposure(win: number): number;
	/** out[0]: 1 when it would not wait. */
	testExposure(win: number): number;
}
