/**
 * A process that the forkserver forked for this one: its end, by whoever tells it first.
 *
 * That it has ended is seen through its pidfd; how, the forkserver tells, whose child it is and who reaps it. (To have
 * the kernel reap it, and keep how it ended, as it can from Linux 6.15 on, saved no time.) When that one is stopped or
 * has died itself, the processes go on: their exit code is what they have said themselves (control.ts), or what the
 * kernel knows while nobody has reaped them, or afterwards. Else it is said to be unknown (255, as Python's forkserver
 * does).
 */
import { clearTimeout, nowMs, setTimeout } from '../../base/clock.ts';
import { unknownExitCode } from '../../base/exit-status.ts';
import { isReadable, sleepSync } from '../../native/descriptor.ts';
import { Watch } from '../../native/watch.ts';
import { ChildHandle } from '../start/child-handle.ts';
import { exitCodeByOthers } from '../start/ending.ts';

/** This process's connection to the forkserver, as its children use it. */
export interface Forkserver {
	readonly isDead: boolean;
	/** Reads what has come, without blocking. */
	drain(): void;
	/** Blocks until something has come (or nothing will), or `fd` is readable, at most this long. */
	waitSync(timeoutMs: number, fd?: number): void;
	/** It does not answer. */
	giveUp(): void;
	/** The end of that child is known. */
	forget(pid: number): void;
	/** From now on, one child more has it keep this process's event loop alive; after `letGo` one less. */
	hold(): void;
	letGo(): void;
}

export interface ForkedChildOptions {
	readonly pid: number;
	readonly pidfd: number;
	readonly client: Forkserver;
	/** What the child has said itself about its end, before it was over. */
	readonly reportedExit: () => number | undefined;
}

export class ForkedChild extends ChildHandle {
	readonly #client: Forkserver;
	readonly reportedExit: () => number | undefined;
	/** Set when the forkserver has died before this process. */
	#watch: Watch | undefined;
	/** For the case that the forkserver does not tell the end. */
	#endWatch: Watch | undefined;
	#timer: NodeJS.Timeout | undefined;
	#ended = false;

	constructor({ pid, pidfd, client, reportedExit }: ForkedChildOptions) {
		super(pid, pidfd);
		this.#client = client;
		this.reportedExit = reportedExit;
		this.#endWatch = new Watch(pidfd, () => this.#expectWord()).unref();
	}

	/** When the exit code is known, by whoever told it first. */
	end(exitCode: number): void {
		this.#ended = true;
		this.#client.forget(this.pid);
		this.settle(exitCode);
	}

	/** For ForkserverClient: the forkserver is gone. */
	orphan(): void {
		if (this.#ended) return;
		this.#endWatch?.close();
		this.#watch = new Watch(this.pidfd, () => this.poll());
		if (!this.isHeld) this.#watch.unref();
	}

	protected override lookForExit(timeoutMs: number): void {
		this.#client.drain();
		const deadline = nowMs() + timeoutMs;
		while (!this.#ended && !this.#client.isDead) {
			if (this.hasEnded()) return this.#awaitWord();
			const left = Math.max(0, deadline - nowMs());
			if (left === 0) return;
			this.#client.waitSync(left, this.pidfd);
		}
		if (this.#ended) return;
		const left = Math.max(0, deadline - nowMs());
		if (left > 0) isReadable(this.pidfd, left);
		this.#settleAlone();
	}

	/**
	 * It has ended, so the forkserver's word is on its way: that is worth waiting for, whatever the timeout, but not
	 * for ever.
	 */
	#awaitWord(): void {
		const start = nowMs();
		for (const patience of [shortPatienceMs, patienceMs]) {
			for (let left = patience; left > 0 && !this.#ended && !this.#client.isDead; left = start + patience - nowMs()) {
				this.#client.waitSync(left);
			}
			if (this.#settleByOthers()) return;
		}
		this.#client.giveUp();
		this.#settleAlone();
	}

	/** In the event loop: it has ended, and the forkserver's word should come. */
	#expectWord(): void {
		this.#endWatch?.close();
		this.#timer = setTimeout(() => {
			if (!this.#settleByOthers()) this.#timer = setTimeout(() => this.poll(), patienceMs).unref();
		}, shortPatienceMs).unref();
	}

	/** The forkserver is dead. Somebody reaps the process in a moment, the system's init; then newer kernels know. */
	#settleAlone(): void {
		if (!this.hasEnded()) return;
		for (let tries = 0; tries < 20; tries++) {
			if (this.#settleByOthers()) return;
			sleepSync(2);
		}
		this.end(unknownExitCode);
	}

	/**
	 * By what the process itself has said (not when a signal has ended it), or else by the kernel. Whether it is
	 * settled.
	 */
	#settleByOthers(): boolean {
		if (this.#ended) return true;
		const exitCode = exitCodeByOthers(this);
		if (exitCode !== undefined) this.end(exitCode);
		return this.#ended;
	}

	protected override ref(): void {
		if (this.#watch === undefined) this.#client.hold();
		else this.#watch.ref();
	}

	protected override unref(): void {
		if (this.#watch === undefined) this.#client.letGo();
		else this.#watch.unref();
	}

	protected override stopWatching(): void {
		this.#watch?.close();
		this.#endWatch?.close();
		clearTimeout(this.#timer);
	}
}

/** When it has not told an end for so long, it is busy with an import, stopped or dead, and others are asked. */
const shortPatienceMs = 100;

/** How long the forkserver may be silent: longer than it gives a module that it imports (forkserver/imports.ts). */
export const patienceMs = 15_000;
