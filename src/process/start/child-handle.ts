/**
 * A started process as its parent holds it: a descriptor that no recycled pid can fool, and the exit code once the
 * kernel has told it.
 *
 * `ChildHandle` is what all start methods share; a subclass knows where the exit code comes from. `DirectChild` is for
 * processes that this one started itself (`spawn`, `fork`): the kernel tells their parent.
 */
import { queueMicrotask } from '../../base/clock.ts';
import { addon } from '../../native/addon.ts';
import { isReadable } from '../../native/descriptor.ts';
import { errno, failedBy } from '../../native/errno.ts';
import { check } from '../../native/raise.ts';
import { Watch } from '../../native/watch.ts';
import { awaitChild, exitCodeOfChild } from './ending.ts';

export abstract class ChildHandle {
	readonly pid: number;
	/** Readable when the process has ended. Closed when the exit code is known. */
	readonly pidfd: number;
	#exitCode: number | undefined;
	readonly #listeners = new Set<() => void>();
	#holders = 0;

	constructor(pid: number, pidfd: number) {
		this.pid = pid;
		this.pidfd = addon().closeAtEnd(pidfd);
	}

	/** The exit code; undefined while the process runs. Asks the kernel, so it is true at this moment. */
	poll(): number | undefined {
		if (this.#exitCode === undefined) this.lookForExit(0);
		return this.#exitCode;
	}

	/** Whether it has ended, even if its exit code is not known yet. Never waits. */
	hasEnded(): boolean {
		return this.#exitCode !== undefined || isReadable(this.pidfd);
	}

	/** Blocks the thread until the process has ended or the time is over. */
	waitSync(timeoutMs: number): number | undefined {
		if (this.#exitCode === undefined) this.lookForExit(timeoutMs);
		return this.#exitCode;
	}

	/** Calls back once, in the event loop, when the exit code is known. Returns what takes it back. */
	onExit(listener: () => void): () => void {
		if (this.#exitCode !== undefined) queueMicrotask(listener);
		else this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Throws when this process may not: it has another user than when it started the child, or the child has. */
	signal(signum: number): void {
		if (this.hasEnded()) return;
		const result = addon().signalPidFd(this.pidfd, signum);
		if (!failedBy(result, errno.ESRCH)) check(result, `signal process ${this.pid}`); // it has just ended
	}

	/** While somebody holds it, the child keeps this process's event loop alive. */
	hold(): () => void {
		if (this.#holders++ === 0 && this.#exitCode === undefined) this.ref();
		let held = true;
		return () => {
			if (held && --this.#holders === 0 && this.#exitCode === undefined) this.unref();
			held = false;
		};
	}

	/** The descriptor for `pollReadable`; only while the process has not been seen to end. */
	get endFd(): number {
		return this.pidfd;
	}

	protected get isHeld(): boolean {
		return this.#holders > 0;
	}

	/** To be called by subclasses, once, when the exit code is known. */
	protected settle(exitCode: number): void {
		if (this.#exitCode !== undefined) return;
		if (this.#holders > 0) this.unref();
		this.#exitCode = exitCode;
		this.stopWatching();
		addon().closeFd(this.pidfd);
		for (const listener of this.#listeners) queueMicrotask(listener);
		this.#listeners.clear();
	}

	/** Looks whether it has ended, waiting at most this long (0: not at all, Infinity: for ever), and settles if so. */
	protected abstract lookForExit(timeoutMs: number): void;
	/** From now on, it keeps the event loop alive; after `unref` not any more. */
	protected abstract ref(): void;
	protected abstract unref(): void;
	protected abstract stopWatching(): void;
}

export class DirectChild extends ChildHandle {
	readonly #watch: Watch;

	/**
	 * Takes a child of this process that nobody has reaped. If it cannot be watched (with too many open files), it is
	 * ended, and this throws.
	 */
	static adopt(pid: number): DirectChild {
		try {
			return new DirectChild(pid, check(addon().openPidFd(pid), `watch process ${pid}`));
		} catch (error) {
			process.kill(pid, 'SIGKILL');
			awaitChild(pid);
			throw error;
		}
	}

	constructor(pid: number, pidfd: number) {
		super(pid, pidfd);
		this.#watch = new Watch(pidfd, () => this.poll()).unref();
	}

	protected override lookForExit(timeoutMs: number): void {
		if (timeoutMs > 0) isReadable(this.pidfd, timeoutMs);
		const exitCode = exitCodeOfChild(this);
		if (exitCode !== undefined) this.settle(exitCode);
	}

	protected override ref(): void {
		this.#watch.ref();
	}

	protected override unref(): void {
		this.#watch.unref();
	}

	protected override stopWatching(): void {
		this.#watch.close();
	}
}
