/** The functions of `native/bind/process_bind.cc`. Results below 0 are `-errno` (errno.ts). */
export interface ProcessNative {
	/**
	 * 0 in the child, the child's pid in the parent. Only for processes with one thread. In the child, signals
	 * that were ignored by `ignoreSignal` are as before.
	 */
	fork(): number;
	/**
	 * Forks in the middle of running code: the child's pid in the parent; the child never returns from here, but begins
	 * anew with `callback` in its event loop. The generation (shared.def) is one higher there from the first moment on.
	 * The child calls `leave` before its stack is unwound.
	 */
	forkRunning(callback: () => void, leave: () => void): number;
	/**
	 * Calls `fn`; when it is left because this is now a forked child that unwinds its stack, the unwinding ends here.
	 */
	callBarrier(fn: () => void): void;
	/** Words for `shareForkState` of all addons of the process: those of `forkState`. */
	newForkState(): Uint32Array;
	/** From now on this addon knows of forks what others of the process know. For the main thread. */
	shareForkState(words: Uint32Array): void;
	/** How many requests the event loop waits for: files, names, connections, what threads of Node's pool do. */
	pendingRequests(): number;
	/**
	 * Calls `callback(0)` when the event loop has nothing left to do, nor V8 a task that is due, and if that has not
	 * changed it, `callback(1)` and `callback(2)`, which ends the process.
	 */
	onIdleLoop(callback: (step: 0 | 1 | 2) => void): void;
	/**
	 * Calls back when Node is about to end the process by `process.reallyExit()` or for an error, which it has printed.
	 * Not at a natural end. For the main thread. -ENOSYS: this Node has no such thing.
	 */
	onProcessExit(callback: (code: number) => void): number;
	/** Calls back for each such signal, in the event loop, which it does not keep going. Forked children inherit it. */
	onSignal(signum: number, callback: () => void): number;
	/** As if the error had been thrown where nobody catches it. */
	reportUncaught(error: unknown): void;
	/** Ends the process at once: no handlers, no tear-down. */
	exitNow(code: number): never;
	/** Starts a program: `fds[i]` becomes its descriptor i. Returns its pid once its `execve` has succeeded. */
	spawn(file: string, argv: readonly string[], env: readonly string[], cwd: string | null, fds: readonly number[]): number;
	/** Replaces the running program by another. Returns only when that failed. */
	exec(file: string, argv: readonly string[], env: readonly string[]): number;
	/** Reaps a child (-1: any): `[pid, exit code or minus signal]`, or null while it runs. */
	reap(pid: number, block: boolean): [pid: number, code: number] | null | number;
	openPidFd(pid: number): number;
	signalPidFd(pidfd: number, signum: number): number;
	/** The exit code of a process that is somebody else's to reap, where the kernel can tell. */
	queryExit(pidfd: number, pid: number): number | null;
	/**
	 * Has the kernel send a signal to this process when the peer of a stream socket is gone; 1 when it is gone already.
	 */
	signalOnHangup(fd: number, signum: number): number;
	/** A number that is another one when the environment is another one. */
	environmentStamp(): number;
	/** Until the program installs a handler. Undone in forked children. */
	ignoreSignal(signum: number): number;
	/** As it is now; `process.cwd()` is what Node remembers. -ENOENT: it has been removed. */
	currentDirectory(): string | number;
	/** Makes room for a note of the pages that copies of this process need, which all of them share. */
	makePageNote(): number;
	/** In a copy: notes those that it has come to use. How many are on the note; 0 when it is left as it was. */
	notePages(): number;
	/** In a child of `fork`: gets ready those that have been noted since it was forked, when that was done already. */
	readyPages(): void;
}
