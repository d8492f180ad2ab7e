/** What a Process object stands for: a started child, the parent, or this very process. `Process` treats them alike. */
import { constants } from 'node:os';
import { signalTo } from './start/kill.ts';
import { unknownExitCode } from '../base/exit-status.ts';
import type { ParentLink } from './start/control.ts';

export interface ProcessHandle {
	readonly pid: number;
	/** The exit code; undefined while it runs. */
	poll(): number | undefined;
	/** Whether it has ended, even if its exit code is not known yet. */
	hasEnded(): boolean;
	waitSync(timeoutMs: number): number | undefined;
	onExit(listener: () => void): () => void;
	/** Keeps this process's event loop alive until the returned function is called or the process has ended. */
	hold(): () => void;
	signal(signum: number): void;
	/** A descriptor that is readable when the process has ended. */
	readonly endFd: number;
}

/**
 * The parent, seen from its child. Its end is noticed through the control socket; how it ended is told to its own
 * parent only, so the exit code stands for no more than the end: `Process` does not show it.
 */
export class ParentHandle implements ProcessHandle {
	readonly pid: number;
	readonly #link: ParentLink;

	constructor(pid: number, link: ParentLink) {
		this.pid = pid;
		this.#link = link;
	}

	poll(): number | undefined {
		return this.waitSync(0);
	}

	hasEnded(): boolean {
		return this.poll() !== undefined;
	}

	waitSync(timeoutMs: number): number | undefined {
		return this.#link.waitSync(timeoutMs) ? unknownExitCode : undefined;
	}

	onExit(listener: () => void): () => void {
		return this.#link.onParentDeath(listener);
	}

	hold(): () => void {
		return this.#link.hold();
	}

	signal(signum: number): void {
		if (this.poll() === undefined) signalTo(this.pid, signum);
	}

	get endFd(): number {
		return this.#link.fd;
	}
}

/** This process itself: it runs, whatever is asked. */
export class SelfHandle implements ProcessHandle {
	readonly pid: number = process.pid;
	readonly endFd: number = -1;

	poll(): undefined {}

	hasEnded(): boolean {
		return false;
	}

	waitSync(): undefined {}

	onExit(): () => void {
		return () => {};
	}

	hold(): () => void {
		return () => {};
	}

	signal(signum: number): void {
		process.kill(process.pid, signum);
	}
}

export const signals: typeof constants.signals = constants.signals;
