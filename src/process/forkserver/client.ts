/**
 * This process's connection to the forkserver.
 *
 * A process that was forked by the forkserver has inherited a connection of its own, so that it starts processes as
 * fast.
 */
import { ProcessError, invariant } from '../../base/errors.ts';
import { trace } from '../../base/trace.ts';
import { addon } from '../../native/addon.ts';
import { closeAll, isReadable, readableOf } from '../../native/descriptor.ts';
import { errno, errnoOf, failedBy } from '../../native/errno.ts';
import { check, systemError } from '../../native/raise.ts';
import { Watch } from '../../native/watch.ts';
import { ForkedChild, patienceMs } from './forked-child.ts';
import { kill } from '../start/kill.ts';
import { isStopped } from '../start/proc-stat.ts';
import { answer, anyRequest, maxInlineRequest, readAnswer, type Answer } from './protocol.ts';
import { toMemoryFile } from '../start/request.ts';

/** One of several starts. */
export interface Start {
	readonly id: number;
	readonly request: Uint8Array;
	/** Copied, not taken. */
	readonly fds: readonly number[];
	readonly reportedExit: () => number | undefined;
}

export class ForkserverClient {
	readonly #fd: number;
	readonly #forkserverPid: number;
	readonly #watch: Watch;
	readonly #children = new Map<number, ForkedChild>();
	#holders = 0;
	#dead = false;
	#isRetired = false;
	#isSilent = false;

	/** Takes over the socket. */
	constructor(fd: number, forkserverPid: number) {
		this.#fd = addon().closeAtEnd(fd);
		this.#forkserverPid = forkserverPid;
		this.#watch = new Watch(fd, () => this.drain()).unref();
	}

	get isDead(): boolean {
		return this.#dead;
	}

	/**
	 * Whether it was given up because it did not answer a start, though it was not stopped: it imports a module that
	 * never ends.
	 */
	get isSilent(): boolean {
		return this.#isSilent;
	}

	/** Whether it can start processes. */
	get isUsable(): boolean {
		return !this.#dead && !this.#isRetired;
	}

	/**
	 * Has a process forked; blocks until it exists (about a millisecond; longer when the forkserver must first import
	 * the target's module). Throws when the forkserver is gone, with the code ERR_NPROCS_FORKSERVER_GONE.
	 */
	start(start: Start): ForkedChild {
		return this.startAll([start])[0]!;
	}

	/**
	 * Has several processes forked. All are asked for before the first answer is awaited, so that the forkserver, and
	 * not this process, is what takes time. When one cannot be started, none is left.
	 */
	startAll(starts: readonly Start[]): ForkedChild[] {
		const children = new Map<number, ForkedChild>();
		let sent = 0;
		try {
			for (const { id, reportedExit } of starts) {
				// The forkserver takes no more requests while its answers are not read; so both go on in turn.
				while (sent < starts.length && this.#send(starts[sent]!, { mayBlock: sent === children.size })) sent++;
				if (this.#dead) throw gone();
				children.set(id, this.#awaitStart(id, reportedExit));
			}
			return [...children.values()];
		} catch (error) {
			for (const child of children.values()) kill(child.pid);
			throw error;
		}
	}

	/** Whether there was room for the request. */
	#send({ request, fds }: Start, { mayBlock }: { mayBlock: boolean }): boolean {
		const memoryFile = request.length > maxInlineRequest ? toMemoryFile(request) : undefined;
		try {
			const inline = memoryFile === undefined ? request : new Uint8Array(1);
			const sent = addon().sendMessage(this.#fd, inline, memoryFile === undefined ? fds : [...fds, memoryFile], mayBlock);
			if (failedBy(sent, errno.EAGAIN)) return false;
			if (failedBy(sent, errno.EPIPE) || failedBy(sent, errno.ECONNRESET)) this.#lose();
			else check(sent, 'start a process');
			return true;
		} finally {
			if (memoryFile !== undefined) addon().closeFd(memoryFile);
		}
	}

	#awaitStart(id: number, reportedExit: () => number | undefined): ForkedChild {
		for (;;) {
			if (this.#dead) throw gone();
			const received = this.#receive();
			if (received === undefined) {
				if (!this.#dead) this.#awaitAnswer();
				continue;
			}
			const [message, fds] = received;
			if (message.kind === answer.started && message.first === id) {
				const child = new ForkedChild({ pid: message.second, pidfd: fds[0] ?? invariantFd(), client: this, reportedExit });
				this.#children.set(child.pid, child);
				return child;
			}
			if (message.kind === answer.failed && (message.first === id || message.first === anyRequest)) throw startError(message.second);
			if (message.kind === answer.retired && message.first === id) {
				this.retire();
				throw new ForkserverRetiredError(message.text);
			}
			this.#handle(message, fds);
		}
	}

	/**
	 * Gives the forkserver up when nothing comes; sooner when it has been stopped, since nobody knows whether it will
	 * ever go on.
	 */
	#awaitAnswer(): void {
		for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookEveryMs) {
			if (isReadable(this.#fd, lookEveryMs)) return;
			if (waitedMs > 0 && isStopped(this.#forkserverPid)) return this.giveUp();
		}
		this.#isSilent = true;
		this.giveUp();
	}

	/** Reads what has come, without blocking. */
	drain(): void {
		while (!this.#dead) {
			const received = this.#receive();
			if (received === undefined) return;
			this.#handle(...received);
		}
	}

	/** Blocks until something has come (or nothing will), or `fd` is readable, at most this long. */
	waitSync(timeoutMs: number, fd?: number): void {
		if (this.#dead) return;
		readableOf(fd === undefined ? [this.#fd] : [this.#fd, fd], timeoutMs);
		this.drain();
	}

	/**
	 * The forkserver does not answer: it is stopped, or spins in a module that it imports. Without it, its children's
	 * ends can be told.
	 */
	giveUp(): void {
		if (this.#dead) return;
		trace('the forkserver %d does not answer: it is killed', this.#forkserverPid);
		kill(this.#forkserverPid);
		this.#lose();
	}

	hold(): void {
		this.#holders++;
		if (!this.#dead) this.#watch.ref();
	}

	letGo(): void {
		if (--this.#holders <= 0 && !this.#dead) this.#watch.unref();
	}

	/** The forkserver gets no more starts, but tells how its children end. */
	retire(): void {
		if (this.#dead) return;
		this.#isRetired = true;
		if (this.#children.size === 0) this.#lose();
	}

	/** In a copy of this process: the connection is the original's. */
	abandon(): void {
		this.#dead = true;
		this.#close();
	}

	#close(): void {
		this.#watch.close();
		addon().closeFd(this.#fd);
	}

	#handle({ kind, first, second }: Answer, fds: readonly number[]): void {
		if (kind === answer.ended) this.#children.get(first)?.end(second);
		if (kind !== answer.started) return;
		kill(second); // of several starts of which an earlier one has failed
		closeAll(fds);
	}

	/** Its end is known. */
	forget(pid: number): void {
		this.#children.delete(pid);
		if (this.#isRetired && this.#children.size === 0) this.#lose();
	}

	/** Undefined: nothing there (or the connection was lost). */
	#receive(): [Answer, number[]] | undefined {
		const fds: number[] = [];
		const n = addon().receiveMessage(this.#fd, buffer, false, fds);
		if (n > 0) return [readAnswer(buffer.subarray(0, n)), fds];
		if (failedBy(n, errno.EAGAIN)) return undefined;
		if (failedBy(n, errno.EMFILE)) return this.#refuseStarted();
		this.#lose();
		return undefined;
	}

	/**
	 * The process was started, but its descriptor did not fit into this process's table: undo the start, and say so.
	 */
	#refuseStarted(): undefined {
		const { kind, second: pid } = readAnswer(buffer.subarray(0, 12));
		if (kind !== answer.started) return undefined;
		kill(pid);
		throw systemError(errno.EMFILE, 'start a process');
	}

	#lose(): void {
		if (this.#dead) return;
		this.#dead = true;
		this.#close();
		for (const child of this.#children.values()) child.orphan();
		this.#children.clear();
	}
}

/** A module has spoiled the forkserver. */
export class ForkserverRetiredError extends ProcessError {
	/** Its URL; empty when it was another start's. */
	readonly module: string;

	constructor(module: string) {
		super('Cannot start a process: the forkserver has been given up.', { code: 'ERR_NPROCS_FORKSERVER_GONE' });
		this.module = module;
	}
}

const lookEveryMs = 1000;

const buffer = new Uint8Array(4096);

function startError(result: number): Error {
	if (!failedBy(result, errno.EMFILE)) return systemError(errnoOf(result), 'start a process');
	const text =
		'Cannot start a process: the forkserver has too many open files, of which each running process costs it two. Raise `ulimit -n`, or let some processes end (EMFILE).';
	return new ProcessError(text, { code: 'ERR_NPROCS_TOO_MANY_FILES' });
}

function gone(): ProcessError {
	return new ProcessError('Cannot start a process: the forkserver has ended.', { code: 'ERR_NPROCS_FORKSERVER_GONE' });
}

function invariantFd(): never {
	invariant(false, 'the forkserver answered without a descriptor');
}
