/**
 * The control socket: a pair of stream sockets between a process and each process that it started.
 *
 * - The parent's end is held by the parent alone, so its hangup is the parent's death, however it came. A daemon has the
 *   kernel send it SIGKILL at that moment, which works while it spins or sleeps; others can ask, or be told in their event loop.
 * - The child writes one byte when it has opened all shared objects that it was given: until then the parent keeps them alive,
 *   even if the program has closed them.
 */
import { constants } from 'node:os';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { Watch } from '../native/watch.ts';

/** `[parent's end, child's end]` */
export function controlPair(): [number, number] {
	const pair = addon().socketPair(false);
	return typeof pair === 'number' ? [check(pair, 'start a process'), 0] : pair;
}

/** The parent's end. */
export class ChildControl {
	#fd: number | undefined;
	#watch: Watch | undefined;

	constructor(fd: number) {
		this.#fd = fd;
		open.add(this);
	}

	/** Calls back once, when the child has opened what it was given. (When it dies before, `close` is the end of it.) */
	onOpened(callback: () => void): void {
		if (this.#fd === undefined) return;
		this.#watch = new Watch(this.#fd, () => {
			this.#watch?.close();
			callback();
		}).unref();
	}

	/** Whether it has, or has died; for a thread whose event loop does not turn now. */
	hasOpened(): boolean {
		return this.#fd === undefined || (addon().pollReadable([this.#fd], 0) as number[]).length > 0;
	}

	close(): void {
		if (this.#fd === undefined) return;
		this.#watch?.close();
		addon().closeFd(this.#fd);
		this.#fd = undefined;
		open.delete(this);
	}
}

const open = new Set<ChildControl>();

/** In a process that has just been forked by itself: the ends that it inherited are its parent's. */
export function closeInheritedControls(): void {
	for (const control of open) control.close();
}

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
		addon().sendMessage(this.#fd, opened, [], false); // EPIPE: nobody is left to be told
	}

	isParentAlive(): boolean {
		return !this.waitSync(0);
	}

	/** Whether the parent has died, within this time. */
	waitSync(timeoutMs: number): boolean {
		return (addon().pollReadable([this.#fd], timeoutMs === Infinity ? -1 : timeoutMs) as number[]).length > 0;
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

	#tell(): void {
		this.#watch?.close();
		this.#watch = undefined;
		const listeners = [...this.#listeners];
		this.#listeners.clear();
		for (const listener of listeners) listener();
	}
}

const opened = Uint8Array.of(1);
