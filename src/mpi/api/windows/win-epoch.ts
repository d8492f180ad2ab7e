/**
 * In which epochs of a window this rank is: only within one may it access other ranks' memory. Known here for all
 * engines, some of which would crash or hang on an access outside of any.
 *
 * Access: between two fences; to those whose lock it holds; to the group of a `Start`. Exposure: after a `Post`. A
 * fence that no access has followed ends by itself when another kind of epoch begins.
 */
import { ERR_RMA_SYNC, MODE_NOSUCCEED, PROC_NULL } from '../../constants.ts';
import { fail, type ErrorOwner } from '../arguments/check.ts';

export class WinEpoch {
	#fence: 'none' | 'open' | 'used' = 'none';
	readonly #locked = new Set<number>();
	#isAllLocked = false;
	#started: ReadonlySet<number> | undefined;
	#isPosted = false;
	readonly #owner: ErrorOwner;

	constructor(owner: ErrorOwner) {
		this.#owner = owner;
	}

	/** Before an access to a rank. `isRequest`: one that gives a request, which needs a lock. */
	access(method: string, rank: number, { isRequest }: { isRequest: boolean }): void {
		if (this.#isAllLocked || this.#locked.has(rank) || (rank === PROC_NULL && this.#locked.size > 0)) return;
		if (isRequest) this.#refuse(`${method} needs a lock on the target: call Lock() or Lock_all() before.`);
		if (this.#started !== undefined && (rank === PROC_NULL || this.#started.has(rank))) return;
		if (this.#fence === 'none') this.#refuse(`${method} is an access outside of any epoch: call Fence(), Lock() or Start() before.`);
		this.#fence = 'used';
	}

	fence(assertion: number): void {
		this.#refuseHeld('Fence()');
		this.#fence = assertion & MODE_NOSUCCEED ? 'none' : 'open';
	}

	lock(rank: number): void {
		this.#leaveFence('Lock()');
		if (this.#isAllLocked) this.#refuse('Lock() while Lock_all() holds: call Unlock_all() before.');
		if (this.#locked.has(rank)) this.#refuse(`Lock() twice of rank ${rank}: call Unlock(${rank}) before.`);
		this.#locked.add(rank);
	}

	unlock(rank: number): void {
		if (!this.#locked.delete(rank)) this.#refuse(`Unlock() of rank ${rank}, which is not locked.`);
	}

	lockAll(): void {
		this.#leaveFence('Lock_all()');
		if (this.#isAllLocked || this.#locked.size > 0) this.#refuse('Lock_all() while a lock is held: unlock before.');
		this.#isAllLocked = true;
	}

	unlockAll(): void {
		if (!this.#isAllLocked) this.#refuse('Unlock_all() without Lock_all().');
		this.#isAllLocked = false;
	}

	/** `rank` undefined: of all. */
	flush(method: string, rank: number | undefined): void {
		const isHeld = this.#isAllLocked || (rank === undefined ? this.#locked.size > 0 : this.#locked.has(rank));
		if (!isHeld) this.#refuse(`${method} needs a lock: call Lock() or Lock_all() before.`);
	}

	start(ranks: readonly number[]): void {
		this.#leaveFence('Start()');
		if (this.#started !== undefined) this.#refuse('Start() twice: call Complete() before.');
		this.#started = new Set(ranks);
	}

	complete(): void {
		if (this.#started === undefined) this.#refuse('Complete() without Start().');
		this.#started = undefined;
	}

	post(): void {
		if (this.#isPosted) this.#refuse('Post() twice: call Wait(), or Test() until it is true, before.');
		this.#isPosted = true;
	}

	/** Before waiting for the end of the exposure. */
	exposed(method: string): void {
		if (!this.#isPosted) this.#refuse(`${method} without Post().`);
	}

	/** The exposure has ended. */
	waited(): void {
		this.#isPosted = false;
	}

	/** Before the window's end. */
	end(): void {
		this.#refuseHeld('Free()');
		if (this.#isPosted) this.#refuse('Free() while the window is exposed by Post(): call Wait() before.');
	}

	#refuseHeld(method: string): void {
		if (this.#isAllLocked || this.#locked.size > 0) this.#refuse(`${method} while a lock is held: unlock before.`);
		if (this.#started !== undefined) this.#refuse(`${method} within Start() and Complete(): call Complete() before.`);
	}

	#leaveFence(method: string): void {
		if (this.#fence === 'used') this.#refuse(`${method} after accesses that no Fence() has ended: call Fence() before.`);
		this.#fence = 'none';
	}

	#refuse(text: string): never {
		return fail(ERR_RMA_SYNC, text, this.#owner);
	}
}
