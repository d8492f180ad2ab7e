/**
 * Who may access whose part of a window: locks, and the epochs of Post, Start, Complete and Wait, in words that all
 * members share.
 *
 * Words, per member as a target: 0 guard of its locks, 1 guard of its memory, 2 whether somebody sleeps before a guard,
 * then four words for each origin: its lock on the target (token; the bit above it when exclusive), whether it sleeps
 * until it gets it, how often the target has posted to it, how often it has completed accesses to the target.
 *
 * **Locks.** Each origin's lock is a word that only it writes, so a dead holder is seen by its token and needs no
 * repair. Who wants one takes the target's guard, looks at all others', enters its own, and lets the guard go. The
 * guard, and that of the memory, under which accumulating operations are atomic, hold the token of their owner; who
 * finds it dead takes the guard over. A dead owner may leave an element half accumulated: the job ends then.
 */

/** What a member knows about processes. */
export interface WindowProcess {
	/** Of this thread, less than 2^30. */
	readonly token: number;
	isAlive(token: number): boolean;
	/** Lets a member look again. */
	wake(member: number): void;
	/**
	 * Blocks until it is done, which one of the members can bring about; it is not asked again afterwards, and does not
	 * wait itself.
	 */
	wait(isDone: () => boolean, members: readonly number[], what: string): void;
}

const guard = { locks: 0, memory: 1 } as const;
const sleeperField = 2;
const headWords = 16;
const perOrigin = { lock: 0, sleeps: 1, posts: 2, completions: 3 } as const;
const originWords = 4;
const exclusiveBit = 1 << 30;
const looksAtGuard = 200;
const looksPerOwner = 50;

export function controlWords(size: number): number {
	return size * (headWords + originWords * size);
}

export type LockType = 'exclusive' | 'shared';

export class WindowControl {
	readonly #words: Int32Array;
	readonly #rank: number;
	readonly #size: number;
	readonly #process: WindowProcess;
	/** How many posts of each target were answered by a start here, how many completions of each origin by a wait. */
	readonly #started: Int32Array;
	readonly #waited: Int32Array;
	#access: readonly number[] = [];
	#exposure: readonly number[] = [];

	constructor(words: Int32Array, rank: number, size: number, process: WindowProcess) {
		this.#words = words;
		this.#rank = rank;
		this.#size = size;
		this.#process = process;
		this.#started = new Int32Array(size);
		this.#waited = new Int32Array(size);
	}

	// ---- Locks ----

	lock(target: number, type: LockType): void {
		if (this.#tryLock(target, type)) return;
		const sleeps = this.#at(target, this.#rank) + perOrigin.sleeps;
		Atomics.store(this.#words, sleeps, 1);
		this.#process.wait(() => this.#tryLock(target, type), this.#others(), `lock of rank ${target}'s part of a window`);
		Atomics.store(this.#words, sleeps, 0);
	}

	unlock(target: number): void {
		Atomics.store(this.#words, this.#at(target, this.#rank) + perOrigin.lock, 0);
		for (let origin = 0; origin < this.#size; origin++) {
			if (Atomics.load(this.#words, this.#at(target, origin) + perOrigin.sleeps) === 1) this.#process.wake(origin);
		}
	}

	#tryLock(target: number, type: LockType): boolean {
		const isExclusive = type === 'exclusive';
		if (!this.#enterNow(target, guard.locks)) return false;
		const isFree = this.#holders(target, isExclusive ? 0 : exclusiveBit).length === 0;
		const token = this.#process.token | (isExclusive ? exclusiveBit : 0);
		if (isFree) Atomics.store(this.#words, this.#at(target, this.#rank) + perOrigin.lock, token);
		this.#leave(target, guard.locks);
		return isFree;
	}

	/** Living members whose lock on the target has this bit, or any. */
	#holders(target: number, bit = 0): number[] {
		const holders: number[] = [];
		for (let origin = 0; origin < this.#size; origin++) {
			const lock = Atomics.load(this.#words, this.#at(target, origin) + perOrigin.lock);
			if (lock === 0 || origin === this.#rank || (lock & bit) !== bit) continue;
			if (this.#process.isAlive(lock & ~exclusiveBit)) holders.push(origin);
		}
		return holders;
	}

	// ---- Post, Start, Complete, Wait ----

	post(origins: readonly number[]): void {
		this.#exposure = origins;
		for (const origin of origins) {
			Atomics.add(this.#words, this.#at(this.#rank, origin) + perOrigin.posts, 1);
			this.#process.wake(origin);
		}
	}

	start(targets: readonly number[]): void {
		for (const target of targets) {
			const posts = this.#at(target, this.#rank) + perOrigin.posts;
			const wanted = (this.#started[target]! + 1) | 0;
			const isPosted = (): boolean => ((Atomics.load(this.#words, posts) - wanted) | 0) >= 0;
			if (!isPosted()) this.#process.wait(isPosted, [target], `post of rank ${target}`);
			this.#started[target] = wanted;
		}
		this.#access = targets;
	}

	/** After all accesses have taken place. */
	complete(): void {
		for (const target of this.#access) {
			Atomics.add(this.#words, this.#at(target, this.#rank) + perOrigin.completions, 1);
			this.#process.wake(target);
		}
		this.#access = [];
	}

	/** The targets of the access that has been started. */
	get targets(): readonly number[] {
		return this.#access;
	}

	waitExposure(): void {
		for (const origin of this.#exposure) {
			const isComplete = (): boolean => this.#hasCompleted(origin);
			if (!isComplete()) this.#process.wait(isComplete, [origin], `complete of rank ${origin}`);
		}
		this.#endExposure();
	}

	testExposure(): boolean {
		for (const origin of this.#exposure) if (!this.#hasCompleted(origin)) return false;
		this.#endExposure();
		return true;
	}

	/** Its accesses of this exposure. */
	#hasCompleted(origin: number): boolean {
		const completions = Atomics.load(this.#words, this.#at(this.#rank, origin) + perOrigin.completions);
		return ((completions - this.#waited[origin]!) | 0) > 0;
	}

	#endExposure(): void {
		for (const origin of this.#exposure) this.#waited[origin] = (this.#waited[origin]! + 1) | 0;
		this.#exposure = [];
	}

	// ---- Atomic access to memory ----

	/** Nobody else is in such a function for the same target meanwhile. It must not wait. */
	atomically<T>(target: number, access: () => T): T {
		this.#enter(target, guard.memory);
		try {
			return access();
		} finally {
			this.#leave(target, guard.memory);
		}
	}

	#enter(target: number, which: number): void {
		if (this.#enterNow(target, which)) return;
		this.#process.wait(() => this.#enterNow(target, which), this.#others(), `access to rank ${target}'s part of a window`);
	}

	/** False: it will be woken when the guard may be free. */
	#enterNow(target: number, which: number): boolean {
		const at = this.#block(target) + which;
		for (let look = 1; look <= looksAtGuard; look++) {
			if (look % looksPerOwner === 0 ? this.#takeOver(at) : this.#take(at)) return true;
		}
		Atomics.store(this.#words, this.#block(target) + sleeperField, 1);
		return this.#takeOver(at);
	}

	#take(at: number): boolean {
		return Atomics.compareExchange(this.#words, at, 0, this.#process.token) === 0;
	}

	/** As `#take`; also from an owner that is dead. */
	#takeOver(at: number): boolean {
		const owner = Atomics.compareExchange(this.#words, at, 0, this.#process.token);
		if (owner === 0) return true;
		return !this.#process.isAlive(owner) && Atomics.compareExchange(this.#words, at, owner, this.#process.token) === owner;
	}

	#leave(target: number, which: number): void {
		Atomics.store(this.#words, this.#block(target) + which, 0);
		const sleepers = this.#block(target) + sleeperField;
		if (Atomics.load(this.#words, sleepers) === 0) return;
		Atomics.store(this.#words, sleepers, 0);
		for (let member = 0; member < this.#size; member++) if (member !== this.#rank) this.#process.wake(member);
	}

	#others(): number[] {
		return Array.from({ length: this.#size }, (_, member) => member).filter((member) => member !== this.#rank);
	}

	#block(target: number): number {
		return target * (headWords + originWords * this.#size);
	}

	#at(target: number, origin: number): number {
		return this.#block(target) + headWords + originWords * origin;
	}
}
