/**
 * The fork server: a Node process that loads the library and the modules of the targets once, and then forks itself for each start.
 *
 * What makes forking a running Node safe: it was started with `--single-threaded --v8-pool-size=0`, so there are no V8 threads that a
 * child would lack; the addon lets V8's memory be inherited; `uv_loop_fork` gives the child its own event loop; and a child never runs
 * Node's tear-down (forked-exit.ts).
 *
 * It waits for requests in a blocking poll, not in its event loop, so there is no poll state to inherit; the loop runs only while a module is
 * being imported. It is the parent of the processes that it forks, reaps them, and tells the process that asked for each how it ended.
 *
 * Most starts do not even wait for a fork: one child, the spare, has been forked ahead and waits for a request, with the pages that it will write to
 * already its own. It is replaced when there is nothing else to do, and whenever a module has been imported that it lacks.
 *
 * Each child gets a connection of its own to start further processes with. The fork server ends when the last connection is closed, which the
 * kernel does for whoever dies.
 */
import 'node:crypto'; // which every forked child needs
import { constants } from 'node:os';
import v8 from 'node:v8';
import vm from 'node:vm';
import { trace } from '../base/trace.ts';
import { encode } from '../codec/encode.ts';
import { addon } from '../native/addon.ts';
import { check, systemError } from '../native/raise.ts';
import { unknownExitCode } from './exit-status.ts';
import { prepareExit, takeOverExit } from './forked-exit.ts';
import { inheritZygote, modulesOf } from './forkserver-launcher.ts';
import { prepareProcessState, renewProcessState } from './forked-state.ts';
import { setRole } from './role.ts';
import { rehearseChild, runChild } from './child-run.ts';
import { readMemoryFile, readRequest, writeRequest, type StartRequest } from './start-request.ts';
import { importModule } from './target.ts';
import { answer, maxInlineRequest, requestFds, writeAnswer, zygoteSocketFd } from './zygote-protocol.ts';

/** The main function of the fork server; in a forked child, it goes on as that child. */
export async function serve(preload: readonly string[], onEnd: () => void): Promise<void> {
	setRole('zygote');
	for (const signal of [constants.signals.SIGINT, constants.signals.SIGTERM, constants.signals.SIGHUP]) addon().ignoreSignal(signal);
	prepareProcessState();
	prepareExit();
	for (const module of preload) await tryImport(module);
	await rehearse();
	const zygote = new Zygote(onEnd);
	collectGarbage(); // a child of a dirty heap would spend tens of milliseconds in a collection
	zygote.selfTest();
	zygote.addClient(zygoteSocketFd);
	zygote.answerClient(zygoteSocketFd, writeAnswer(answer.ready));
	const own = await zygote.serveUntilForked();
	// From here on, this is a child.
	const child = own instanceof SpareSocket ? await own.awaitRequest() : own;
	await runChild(child.request, child.values, child.control, { isForked: true });
}

interface Child {
	readonly request: StartRequest;
	readonly values: Uint8Array;
	readonly control: number;
}

/** A child that has not been asked for yet, as the fork server holds it. */
interface Spare {
	readonly pid: number;
	readonly pidfd: number;
	/** The fork server's end of the spare's connection: first the request goes down there, then it is a client's as any other. */
	readonly socket: number;
}

/** In a spare: its connection. */
class SpareSocket {
	readonly #fd: number;

	constructor(fd: number) {
		this.#fd = fd;
	}

	async awaitRequest(): Promise<Child> {
		await rehearse(); // writes to the pages that the real start will write to
		const fds: number[] = [];
		const buffer = new Uint8Array(maxInlineRequest + 4096);
		const n = addon().receiveMessage(this.#fd, buffer, true, fds);
		if (n <= 0) addon().exitNow(0); // not needed any more
		const { request, values } = requestFrom(buffer.subarray(0, n), fds);
		return { request, values, control: takeDescriptors(fds) };
	}
}

class Zygote {
	readonly #onEnd: () => void;
	readonly #environment = { ...process.env };
	/** Client's socket → answers that did not fit into its buffer yet. */
	readonly #clients = new Map<number, Uint8Array[]>();
	/** pidfd → the child, and the client that asked for it. */
	readonly #children = new Map<number, { readonly pid: number; client: number }>();
	readonly #buffer = new Uint8Array(maxInlineRequest + 4096);
	#spare: Spare | undefined;
	/** Before the first start, nobody knows which modules a spare should have. */
	#hasStarted = false;

	constructor(onEnd: () => void) {
		this.#onEnd = onEnd;
	}

	addClient(fd: number): void {
		this.#clients.set(fd, []);
	}

	/** Forks a child that allocates and ends, before anyone relies on it. */
	selfTest(): void {
		const pid = check(addon().fork(), 'fork');
		if (pid === 0) {
			const garbage = Array.from({ length: 1000 }, (_, i) => ({ i, text: `item ${i}` }));
			addon().exitNow(garbage.length === 1000 ? 0 : 1);
		}
		const exit = addon().reap(pid, true);
		if (!Array.isArray(exit) || exit[1] !== 0) {
			addon().sendMessage(zygoteSocketFd, writeAnswer(answer.unusable, 0, 0, `a forked test process ended with ${JSON.stringify(exit)}`), [], true);
			addon().exitNow(1);
		}
	}

	/** Serves for ever in the fork server; returns in each child. */
	async serveUntilForked(): Promise<Child | SpareSocket> {
		for (;;) {
			const clients = [...this.#clients.keys()];
			if (clients.length === 0) this.#end();
			const isBehind = [...this.#clients.values()].some((pending) => pending.length > 0);
			const watched = [...clients, ...this.#children.keys(), ...(this.#spare === undefined ? [] : [this.#spare.pidfd])];
			const wantsSpare = this.#spare === undefined && this.#hasStarted;
			const ready = addon().pollReadable(watched, wantsSpare ? 0 : isBehind ? 5 : -1);
			if (typeof ready === 'number') throw systemError(-ready, 'wait for requests');
			this.#reapEnded();
			if (ready.length === 0 && wantsSpare) {
				const spare = this.#forkSpare();
				if (spare !== undefined) return spare;
			}
			for (const index of ready) {
				const fd = clients[index];
				const child = fd === undefined ? undefined : await this.#serveClient(fd);
				if (child !== undefined) return child;
			}
			if (isBehind) for (const fd of clients) this.answerClient(fd);
		}
	}

	#end(): never {
		this.#discardSpare();
		this.#onEnd();
		return addon().exitNow(0);
	}

	/** Sends what is pending and `next`; what does not fit now is kept: a client that does not read must not stop the others. */
	answerClient(fd: number, next?: Uint8Array): void {
		const pending = this.#clients.get(fd);
		if (pending === undefined) return;
		if (next !== undefined) pending.push(next);
		while (pending.length > 0 && addon().sendMessage(fd, pending[0] as Uint8Array, [], false) !== -constants.errno.EAGAIN) pending.shift();
	}

	#reapEnded(): void {
		if (this.#spare !== undefined && isReadable(this.#spare.pidfd)) this.#discardSpare();
		const pidfds = [...this.#children.keys()];
		const ended = pidfds.length === 0 ? [] : (addon().pollReadable(pidfds, 0) as number[]);
		for (const index of ended) {
			const pidfd = pidfds[index] as number;
			const { pid, client } = this.#children.get(pidfd) as { pid: number; client: number };
			this.#children.delete(pidfd);
			addon().closeFd(pidfd);
			const exit = addon().reap(pid, true);
			this.answerClient(client, writeAnswer(answer.ended, pid, Array.isArray(exit) ? exit[1] : unknownExitCode));
		}
	}

	async #serveClient(fd: number): Promise<Child | undefined> {
		const fds: number[] = [];
		const n = addon().receiveMessage(fd, this.#buffer, false, fds);
		if (n === -constants.errno.EAGAIN) return undefined;
		if (n <= 0) {
			for (const received of fds) addon().closeFd(received);
			this.#dropClient(fd);
			return undefined;
		}
		const { request, values } = requestFrom(this.#buffer.slice(0, n), fds);
		let knowsModules = true;
		for (const url of modulesOf(request)) {
			if (imported.has(url) || request.noImport?.includes(url) === true) continue;
			knowsModules = false;
			await tryImport(url);
		}
		if (!knowsModules) this.#discardSpare();
		this.#hasStarted = true;
		if (this.#spare !== undefined && this.#handOver(fd, request.id, n, fds)) return undefined;
		return this.#fork(fd, request, values, fds);
	}

	/** Gives the request, just as it came, to the spare. */
	#handOver(client: number, id: number, length: number, fds: number[]): boolean {
		const { pid, pidfd, socket } = this.#spare as Spare;
		if (addon().sendMessage(socket, this.#buffer.subarray(0, length), fds, false) !== length) {
			this.#discardSpare();
			return false;
		}
		this.#spare = undefined;
		for (const fd of fds) addon().closeFd(fd);
		this.addClient(socket);
		this.#adopt(client, id, pid, pidfd);
		return true;
	}

	#fork(client: number, request: StartRequest, values: Uint8Array, fds: number[]): Child | undefined {
		const forked = this.#forkConnected();
		if (forked instanceof SpareSocket) return { request, values, control: takeDescriptors(fds) };
		for (const fd of fds) addon().closeFd(fd);
		if (typeof forked === 'number') {
			this.answerClient(client, writeAnswer(answer.failed, request.id, -forked));
			return undefined;
		}
		this.addClient(forked.socket);
		this.#adopt(client, request.id, forked.pid, forked.pidfd);
		return undefined;
	}

	/** In the child: its socket. It is not forked when there are no descriptors or processes left; the next start tells. */
	#forkSpare(): SpareSocket | undefined {
		const forked = this.#forkConnected();
		if (forked instanceof SpareSocket) return forked;
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
		addon().reap(pid, true);
		addon().closeFd(pidfd);
	}

	/** A child with a connection to here; in the child, its end of it; -errno, with nothing left over. */
	#forkConnected(): Spare | SpareSocket | number {
		const pair = addon().socketPair(true);
		if (typeof pair === 'number') return pair;
		const pid = addon().fork();
		if (pid === 0) {
			this.#becomeChild(pair[1]);
			return new SpareSocket(pair[1]);
		}
		addon().closeFd(pair[1]);
		const pidfd = pid < 0 ? pid : addon().openPidFd(pid);
		if (pidfd >= 0) return { pid, pidfd, socket: pair[0] };
		addon().closeFd(pair[0]);
		if (pid > 0) {
			process.kill(pid, 'SIGKILL');
			addon().reap(pid, true);
		}
		return pidfd;
	}

	#adopt(client: number, id: number, pid: number, pidfd: number): void {
		this.#children.set(pidfd, { pid, client });
		// The client waits for just this answer, so there is room for it as soon as what is pending has been read.
		for (const earlier of this.#clients.get(client)?.splice(0) ?? []) addon().sendMessage(client, earlier, [], true);
		addon().sendMessage(client, writeAnswer(answer.started, id, pid), [pidfd], true);
	}

	#dropClient(fd: number): void {
		addon().closeFd(fd);
		this.#clients.delete(fd);
		for (const child of this.#children.values()) if (child.client === fd) child.client = -1;
	}

	/** In the child: lets go of all that is the fork server's. */
	#becomeChild(ownSocket: number): void {
		const spare = this.#spare === undefined ? [] : [this.#spare.socket, this.#spare.pidfd];
		for (const fd of [...this.#clients.keys(), ...this.#children.keys(), ...spare]) addon().closeFd(fd);
		renewProcessState();
		takeOverExit();
		inheritZygote(ownSocket, this.#environment);
	}
}

/** Reads a request. The descriptors stay open. */
function requestFrom(message: Uint8Array, fds: readonly number[]): { request: StartRequest; values: Uint8Array } {
	const memoryFile = fds[requestFds.memoryFile];
	return readRequest(memoryFile === undefined ? message : readMemoryFile(memoryFile));
}

/** Moves a child's standard streams into their places; returns its control socket. */
function takeDescriptors(fds: readonly number[]): number {
	const [stdin, stdout, stderr, control, memoryFile] = fds as [number, number, number, number, number?];
	for (const [from, to] of [[stdin, 0], [stdout, 1], [stderr, 2]] as const) {
		addon().duplicate(from, to);
		addon().closeFd(from);
	}
	if (memoryFile !== undefined) addon().closeFd(memoryFile);
	return control;
}

function isReadable(fd: number): boolean {
	return (addon().pollReadable([fd], 0) as number[]).length > 0;
}

/** Does once what every child will do, so that V8 has compiled it and the linker has bound it: the children inherit that. */
async function rehearse(): Promise<void> {
	const pair = addon().socketPair(false);
	if (typeof pair === 'number') return;
	const target = { url: 'data:text/javascript,export function rehearsal() {}', path: ['rehearsal'] };
	const place = { name: 'Process-1', daemon: false, identity: [1], parent: { pid: process.pid, name: 'MainProcess' }, target };
	const surroundings = { cwd: process.cwd(), umask: process.umask(), env: { set: {}, unset: [] }, argv: process.argv, execArgv: process.execArgv, preload: [], stdio: 'inherit' as const };
	const values = { args: [1, 'text', { nested: [true, 0.5, null, undefined, new Map()] }, new Uint8Array(8)], fields: {}, captured: {} };
	const { request, values: encoded } = readRequest(writeRequest({ id: 0, ...place, ...surroundings }, encode(values).bytes));
	await rehearseChild(request, encoded, pair[1]);
	setRole('zygote');
	for (const fd of pair) addon().closeFd(fd);
}

/** Modules that the fork server has imported, or tried to. */
const imported = new Set<string>();

async function tryImport(url: string): Promise<void> {
	imported.add(url);
	try {
		await importModule(url);
	} catch (error) {
		// The child's own import fails in the same way, and its error carries the process's name.
		trace('the fork server cannot import %s: %s', url, error);
	}
}

function collectGarbage(): void {
	v8.setFlagsFromString('--expose-gc');
	(vm.runInNewContext('gc') as () => void)();
}
