/**
 * The forkserver: a Node process that loads the library and the modules of the targets once, and then forks itself for
 * each start.
 *
 * What makes forking a running Node safe: it was started with `--single-threaded`, so V8 does everything on its own
 * thread (the one that Node makes all the same sleeps); the addon lets V8's memory be inherited; `uv_loop_fork` gives
 * the child its own event loop; and a child never runs Node's tear-down (forked/exit.ts).
 *
 * It waits for requests in a blocking poll, not in its event loop, so there is no poll state to inherit; the loop runs
 * only while a module is being imported. It is the parent of the processes that it forks, reaps them, and tells the
 * process that asked for each how it ended.
 *
 * Most starts do not even wait for a fork: one child, the spare, has been forked ahead and waits for a request. It is
 * replaced when there is nothing else to do, and whenever a module has been imported that it lacks. Measured on
 * Node 24: of 30 processes one after the other, each takes two thirds of the time from start to join that it takes
 * without, for an eighth more processor time.
 *
 * Each child gets a connection of its own to start further processes with. The forkserver ends when the last connection
 * is closed, which the kernel does for whoever dies.
 */
import { constants } from 'node:os';
import { prepareFork, settleFork } from '../base/at-fork.ts';
import { loadPart } from '../base/parts.ts';
import { partOfKind } from '../codec/handle.ts';
import { addon } from '../native/addon.ts';
import { closeAll, isReadable, readableOf } from '../native/descriptor.ts';
import { errno, failedBy, resultOf } from '../native/errno.ts';
import { check } from '../native/raise.ts';
import { openDebuggerAtSignal } from '../process/forked/debugger.ts';
import { unknownExitCode } from '../base/exit-status.ts';
import { awaitChild } from '../process/start/ending.ts';
import { whereabouts } from '../process/start/enter.ts';
import type { Environment } from '../process/start/environment.ts';
import { takeOverExit } from '../process/forked/exit.ts';
import { hookFatalErrors } from '../process/start/uncaught.ts';
import { IdleWork } from './idle-work.ts';
import { asText, ownInheritance, type Inheritance } from '../process/start/inheritance.ts';
import { inheritForkserver, modulesOf } from '../process/forkserver/launcher.ts';
import { prepareProcessState } from '../process/forked/state.ts';
import { placeInTree, processState, takePlace } from '../process/current.ts';
import { runChild } from '../process/child-run.ts';
import { kill } from '../process/start/kill.ts';
import { makePool } from '../process/outside.ts';
import { OwnSocket, requestBuffer, requestFrom, takeDescriptors, type Connected, type Assignment } from './spare.ts';
import type { StartRequest } from '../process/start/request.ts';
import { collectHeap, tidyUp } from './heap.ts';
import { abandonImport, importOnce, isImported, isLeftToProcesses, leaveToProcesses } from './imports.ts';
import { isToNotePages, makePageNote, notePages, readyPages } from './pages.ts';
import { warmUp } from './warm-up.ts';
import { awaitDying } from './dying.ts';
import { Clients } from './clients.ts';
import { answer, anyRequest, writeAnswer, forkserverSocketFd } from '../process/forkserver/protocol.ts';
import { ignoreSignals } from './signals.ts';

/** The main function of the forkserver; in a forked child, it goes on as that child. */
export async function serve(preload: readonly string[], onEnd: () => void): Promise<void> {
	// What modules see that ask for it when they are imported.
	takePlace('forkserver', { ...placeInTree(), name: 'ForkServer' });
	if (whereabouts() === undefined) process.chdir('/'); // the directory of the program has been removed
	ignoreSignals();
	openDebuggerAtSignal();
	prepareProcessState();
	hookFatalErrors();
	await makePool();
	for (const module of preload) if ((await importOnce(module)) !== undefined) refuseToPreload(module);
	const forkserver = new Forkserver(onEnd);
	await tidyUp('minor');
	makePageNote();
	forkserver.selfTest();
	forkserver.begin(forkserverSocketFd);
	const own = await forkserver.serveUntilForked();
	// From here on, this is a child.
	const child = own instanceof OwnSocket ? own.awaitAssignment() : own;
	readyPages();
	await runChild(child.request, child.values, child.control);
}

/** The next forkserver is started without it. */
function refuseToPreload(module: string): never {
	addon().sendMessage(forkserverSocketFd, writeAnswer(answer.retired, { text: module }), [], true);
	return addon().exitNow(1);
}

/** What it takes is what it saves 15 processes that send 20,000 messages each, or 60 that send 1000. */
const warmUpPaysFrom = 32;

/** V8 itself would let garbage pile up for longer, and each fork copies it. */
const forksBetweenTidying = 4096;

class Forkserver {
	readonly #onEnd: () => void;
	readonly #environment = { ...process.env };
	readonly #inheritance = ownInheritance();
	readonly #clients = new Clients();
	/** pidfd → the child, and the client that asked for it. */
	readonly #children = new Map<number, { readonly pid: number; client: number }>();
	#spare: Connected | undefined;
	/** Before the first start, nobody knows which modules a spare should have. */
	#hasStarted = false;
	readonly #parts = new Set<string>();
	/** Since it was last tidied up. */
	#forks = 0;
	#startsWithChannels = 0;
	/** Since so many starts that it pays. */
	#warmUp: IdleWork | undefined;
	/** After a module has spoiled it: it still tells how its children end. */
	#isRetired = false;

	constructor(onEnd: () => void) {
		this.#onEnd = onEnd;
	}

	/** Tells the first client that it is ready, and serves it from now on. */
	begin(socket: number): void {
		this.#clients.add(socket);
		this.#clients.answer(socket, writeAnswer(answer.ready, { text: asText(this.#inheritance.attributes) }));
	}

	/** Forks a child that allocates and ends, before anyone relies on it. */
	selfTest(): void {
		const exitCode = forkToTest();
		if (exitCode === 0) return;
		addon().sendMessage(forkserverSocketFd, writeAnswer(answer.unusable, { text: `a forked test process ended with ${exitCode}` }), [], true);
		addon().exitNow(1);
	}

	/** Serves for ever in the forkserver; returns in each child. */
	async serveUntilForked(): Promise<Assignment | OwnSocket> {
		for (;;) {
			const clients = this.#clients.sockets;
			if (clients.length === 0) this.#end();
			const isBehind = this.#clients.isOneBehind;
			const watched = [...clients, ...this.#children.keys(), ...(this.#spare === undefined ? [] : [this.#spare.pidfd])];
			const wantsSpare = this.#hasStarted && !this.#isRetired && this.#spare === undefined;
			const idleWork = this.#isRetired || this.#warmUp?.isDone === true ? undefined : this.#warmUp;
			const ready = readableOf(watched, wantsSpare ? 0 : (idleWork?.pauseMs() ?? (isBehind ? 5 : Infinity)));
			this.#reapEnded();
			if (ready.length === 0 && wantsSpare) {
				if (this.#forks > forksBetweenTidying) await this.#tidyUp();
				const spare = this.#forkSpare();
				if (spare !== undefined) return spare;
			} else if (ready.length === 0 && idleWork?.step() === true) this.#discardSpare(); // lacks the new code
			for (const index of ready) {
				const fd = clients[index];
				const child = fd === undefined ? undefined : await this.#serveClient(fd);
				if (child !== undefined) return child;
			}
			if (isBehind) for (const fd of clients) this.#clients.answer(fd);
		}
	}

	async #tidyUp(): Promise<void> {
		this.#forks = 0;
		await tidyUp('major');
		// V8 has thrown away some of what it had compiled.
		if (this.#warmUp !== undefined) this.#warmUp = new IdleWork(warmUp(() => collectHeap('major')));
	}

	#end(): never {
		this.#discardSpare();
		awaitDying(this.#children);
		this.#onEnd();
		return addon().exitNow(0);
	}

	#reapEnded(): void {
		if (this.#spare !== undefined && isReadable(this.#spare.pidfd)) this.#discardSpare();
		const pidfds = [...this.#children.keys()];
		const ended = pidfds.length === 0 ? [] : readableOf(pidfds);
		for (const index of ended) {
			const pidfd = pidfds[index] as number;
			const { pid, client } = this.#children.get(pidfd) as { pid: number; client: number };
			this.#children.delete(pidfd);
			const exitCode = awaitChild(pid);
			addon().closeFd(pidfd);
			this.#clients.answer(client, writeAnswer(answer.ended, { first: pid, second: exitCode ?? unknownExitCode }));
		}
	}

	async #serveClient(fd: number): Promise<Assignment | undefined> {
		const fds: number[] = [];
		const n = addon().receiveMessage(fd, requestBuffer, false, fds);
		if (failedBy(n, errno.EAGAIN)) return undefined;
		if (failedBy(n, errno.EMFILE)) {
			// There was no room for its descriptors.
			this.#clients.answer(fd, writeAnswer(answer.failed, { first: anyRequest, second: resultOf(errno.EMFILE) }));
			return undefined;
		}
		if (n <= 0) {
			closeAll(fds);
			this.#dropClient(fd);
			return undefined;
		}
		const { request, values } = requestFrom(requestBuffer.slice(0, n), fds);
		const problem = this.#isRetired ? '' : await this.#importFor(request);
		if (problem !== undefined) {
			if (!this.#isRetired) abandonImport();
			this.#isRetired = true;
			closeAll(fds);
			this.#clients.answer(fd, writeAnswer(answer.retired, { first: request.id, text: problem }));
			return undefined;
		}
		if (request.isLast !== true) this.#hasStarted = true;
		this.#loadPartsFor(request);
		if (request.opens.some((kind) => channel.test(kind)) && ++this.#startsWithChannels === warmUpPaysFrom)
			this.#warmUp = new IdleWork(warmUp(() => collectHeap('major')));
		if (this.#spare !== undefined && this.#handOver(fd, { id: request.id, length: n, fds })) return undefined;
		return this.#fork(fd, { request, values, fds });
	}

	/** Parts of the library, by which it will open what it is given: once here, and not in each process. */
	#loadPartsFor({ opens }: StartRequest): void {
		for (const part of opens.map((kind) => (channel.test(kind) ? 'channel' : partOfKind(kind)))) {
			if (part === undefined || this.#parts.has(part)) continue;
			loadPart(part);
			this.#parts.add(part);
			this.#discardSpare(); // it lacks this part
		}
	}

	/** The URL of a module that must not be imported here, if there is one. */
	async #importFor(request: StartRequest): Promise<string | undefined> {
		for (const url of request.noImport ?? []) leaveToProcesses(url);
		processState().testRunner = request.testRunner;
		for (const url of modulesOf(request)) {
			if (isImported(url) || isLeftToProcesses(url)) continue;
			this.#discardSpare(); // it lacks this module
			process.argv = [...request.argv]; // modules read them when they are imported
			process.execArgv = [...request.execArgv];
			if ((await importOnce(url)) !== undefined) return url;
		}
		return undefined;
	}

	/** Gives the request, just as it came, to the spare. */
	#handOver(client: number, { id, length, fds }: { id: number; length: number; fds: number[] }): boolean {
		const { pid, pidfd, socket } = this.#spare as Connected;
		if (addon().sendMessage(socket, requestBuffer.subarray(0, length), fds, false) !== length) {
			this.#discardSpare();
			return false;
		}
		this.#spare = undefined;
		closeAll(fds);
		this.#clients.add(socket);
		this.#adopt(client, id, { pid, pidfd });
		return true;
	}

	#fork(client: number, { request, values, fds }: { request: StartRequest; values: Uint8Array; fds: number[] }): Assignment | undefined {
		const forked = this.#forkConnected();
		if (forked instanceof OwnSocket) return { request, values, control: takeDescriptors(fds) };
		closeAll(fds);
		if (typeof forked === 'number') {
			this.#clients.answer(client, writeAnswer(answer.failed, { first: request.id, second: forked }));
			return undefined;
		}
		this.#clients.add(forked.socket);
		this.#adopt(client, request.id, forked);
		return undefined;
	}

	/**
	 * In the child: its socket. It is not forked when there are no descriptors or processes left; the next start tells.
	 */
	#forkSpare(): OwnSocket | undefined {
		const forked = this.#forkConnected();
		if (forked instanceof OwnSocket) return forked;
		if (typeof forked === 'number') this.#hasStarted = false; // no use in trying again until something has changed
		else this.#spare = forked;
		return undefined;
	}

	#discardSpare(): void {
		if (this.#spare === undefined) return;
		const { pid, pidfd, socket } = this.#spare;
		this.#spare = undefined;
		addon().closeFd(socket);
		addon().signalPidFd(pidfd, constants.signals.SIGKILL);
		awaitChild(pid);
		addon().closeFd(pidfd);
	}

	/**
	 * A child with a connection to here; in the child, its end of it; -errno, with nothing left over.
	 */
	#forkConnected(): Connected | OwnSocket | number {
		const pair = requestPair();
		if (typeof pair === 'number') return pair;
		const spare = this.#spare === undefined ? [] : [this.#spare.socket, this.#spare.pidfd];
		// With the first of the pair, a child would never see the forkserver go.
		const own = [pair[0], ...this.#clients.sockets, ...this.#children.keys(), ...spare];
		prepareFork();
		this.#forks++;
		const pid = addon().fork();
		if (pid === 0) {
			becomeChild(pair[1], own, { environment: this.#environment, inheritance: this.#inheritance, isToNote: isToNotePages(this.#forks) });
			return new OwnSocket(pair[1]);
		}
		addon().closeFd(pair[1]);
		const pidfd = pid < 0 ? pid : addon().openPidFd(pid);
		if (pidfd >= 0) return { pid, pidfd, socket: pair[0] };
		addon().closeFd(pair[0]);
		if (pid > 0) {
			kill(pid);
			awaitChild(pid);
		}
		return pidfd;
	}

	#adopt(client: number, id: number, { pid, pidfd }: { pid: number; pidfd: number }): void {
		this.#children.set(pidfd, { pid, client });
		this.#clients.answerAwaited(client, writeAnswer(answer.started, { first: id, second: pid }), [pidfd]);
	}

	#dropClient(fd: number): void {
		this.#clients.drop(fd);
		for (const child of this.#children.values()) if (child.client === fd) child.client = -1;
	}
}

interface FromParent {
	readonly environment: Environment;
	readonly inheritance: Inheritance;
	/** The pages that it has used, at its end. */
	readonly isToNote: boolean;
}

/** In a child, which has a copy of `fds`, the forkserver's own. */
function becomeChild(ownSocket: number, fds: readonly number[], { environment, inheritance, isToNote }: FromParent): void {
	closeAll(fds);
	const { pid } = process;
	settleFork();
	takeOverExit(isToNote ? notePages : undefined);
	inheritForkserver({ fd: ownSocket, pid, environment, inheritance });
}

/** The first end takes requests of processes with the ids of this one only. */
function requestPair(): [number, number] | number {
	const pair = addon().socketPair(true);
	if (typeof pair !== 'number') check(addon().refuseOtherIds(pair[0]), 'refuse requests of other users');
	return pair;
}

const channel = /^(Simple|Joinable)?Queue(Sender|Receiver)?$|^channel:/;

/** The exit code of a child that has done something; undefined when nobody can tell. */
function forkToTest(): number | undefined {
	const pid = check(addon().fork(), 'fork');
	if (pid === 0) {
		const garbage = Array.from({ length: 1000 }, (_, i) => ({ i, text: `item ${i}` }));
		notePages(); // what any child uses; the first child has more
		addon().exitNow(garbage.length === 1000 ? 0 : 1);
	}
	return awaitChild(pid);
}
