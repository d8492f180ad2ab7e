/**
 * The control socket: a pair of stream sockets between a process and each process that it started.
 *
 * - The parent's end is held by the parent alone, so its hangup is the parent's death, however it came. A daemon has
 *   the kernel send it SIGKILL at that moment, which works while it spins or sleeps; others can ask, or be told in
 *   their event loop.
 * - Before the child exists, the parent puts the descriptors into it that are among the child's arguments. So they
 *   reach the child even if the parent dies at once.
 * - The child writes one byte when it has opened all shared objects that it was given: until then the parent keeps them
 *   alive, even if the program has closed them.
 * - A forked child writes its exit code before it ends, for the case that the forkserver cannot tell it.
 */
import { constants } from 'node:os';
import { forkHook, forkStep } from '../../base/at-fork.ts';
import { addon } from '../../native/addon.ts';
import { isReadable } from '../../native/descriptor.ts';
import { errno, resultOf } from '../../native/errno.ts';
import { check } from '../../native/raise.ts';
import { Watch } from '../../native/watch.ts';
import { maxPassedFds } from '../../native/shared-numbers.ts';

/** `[parent's end, child's end]` */
export function controlPair(): [number, number] {
	return check(addon().socketPair(false), 'start a process');
}

/** For the child that will get the other end of `fd`. */
export function sendDescriptors(fd: number, fds: readonly number[]): void {
	for (let at = 0; at < fds.length; at += maxPassedFds) {
		check(addon().sendMessage(fd, oneByte, fds.slice(at, at + maxPassedFds), false), `send ${fds.length} connections to a new process`);
	}
}

/** In the child, before anything else is done with its end. */
export function receiveDescriptors(fd: number, count: number): number[] {
	const fds: number[] = [];
	for (let left = count; left > 0; left -= maxPassedFds) {
		const expected = Math.min(left, maxPassedFds);
		const got: number[] = [];
		addon().receiveMessage(fd, new Uint8Array(1), false, got);
		// They arrive together or, with too many open files, not at all.
		fds.push(...(got.length === expected ? got : Array.from({ length: expected }, () => resultOf(errno.EMFILE))));
	}
	return fds;
}

/** The parent's end. */
export class ChildControl {
	#fd: number | undefined;
	#watch: Watch | undefined;
	#exitCode: number | undefined;

	constructor(fd: number) {
		this.#fd = addon().closeAtEnd(fd);
		closeAtFork();
		open.add(this);
	}

	/**
	 * Calls back once, when the child has opened what it was given. (When it dies before, `close` is the end of it.)
	 */
	onOpened(callback: () => void): void {
		if (this.#fd === undefined) return;
		this.#watch = new Watch(this.#fd, () => {
			this.#watch?.close();
			callback();
		}).unref();
	}

	/** Whether it has, or has died; for a thread whose event loop does not turn now. */
	hasOpened(): boolean {
		return this.#fd === undefined || this.#exitCode !== undefined || isReadable(this.#fd);
	}

	/**
	 * The exit code as the child has reported it. To be asked when the child has ended: what else it has said is
	 * forgotten.
	 */
	readonly reportedExit = (): number | undefined => {
		if (this.#fd === undefined || this.#exitCode !== undefined) return this.#exitCode;
		const bytes = new Uint8Array(8);
		const said = bytes.subarray(0, Math.max(0, addon().receiveMessage(this.#fd, bytes, false, [])));
		const at = said.indexOf(words.ends);
		if (at >= 0) this.#exitCode = said[at + 1];
		return this.#exitCode;
	};

	close(): void {
		if (this.#fd === undefined) return;
		this.#watch?.close();
		addon().closeFd(this.#fd);
		this.#fd = undefined;
		open.delete(this);
	}
}

const open = new Set<ChildControl>();

/** The ends of its children that a copy inherits are the original's. */
const closeAtFork = forkHook({
	step: forkStep.connections,
	inCopy() {
		for (const control of open) control.close();
	},
});

/** The child's end: its link to its parent. */
export class ParentLink {
	readonly #fd: number;
	#watch: Watch | undefined;
	readonly #listeners = new Set<() => void>();
	#holders = 0;

	constructor(fd: number) {
		this.#fd = fd;
	}

	/** From now on this process ends when its parent does. */
	endWithParent(): void {
		if (addon().signalOnHangup(this.#fd, constants.signals.SIGKILL) === 1) process.kill(process.pid, 'SIGKILL');
	}

	reportOpened(): void {
		this.#report(words.opened);
	}

	reportExit(code: number): void {
		this.#report(words.ends, code & 0xff);
	}

	/** Whether the parent has died, within this time. */
	waitSync(timeoutMs: number): boolean {
		return isReadable(this.#fd, timeoutMs);
	}

	/** Calls back once when the parent dies. Returns what takes it back. */
	onParentDeath(listener: () => void): () => void {
		this.#listeners.add(listener);
		if (this.#watch === undefined) {
			this.#watch = new Watch(this.#fd, () => this.#tell());
			if (this.#holders === 0) this.#watch.unref();
		}
		return () => this.#listeners.delete(listener);
	}

	/** While somebody holds it, the wait for the parent's death keeps this process alive. */
	hold(): () => void {
		if (this.#holders++ === 0) this.#watch?.ref();
		return () => {
			if (--this.#holders === 0) this.#watch?.unref();
		};
	}

	get fd(): number {
		return this.#fd;
	}

	#report(...bytes: number[]): void {
		addon().sendMessage(this.#fd, Uint8Array.from(bytes), [], false); // EPIPE: nobody is left to be told
	}

	#tell(): void {
		this.#watch?.close();
		this.#watch = undefined;
		const listeners = [...this.#listeners];
		this.#listeners.clear();
		for (const listener of listeners) listener();
	}
}

/** What a child says: `opened`; `ends` and its exit code. */
const words = { opened: 1, ends: 2 } as const;

const oneByte = Uint8Array.of(1);
