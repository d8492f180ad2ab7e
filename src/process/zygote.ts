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
import { fromMemoryFile, readRequest, writeRequest, type StartRequest } from './start-request.ts';
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
	const child = await zygote.serveUntilForked();
	await runChild(child.request, child.values, child.control, { isForked: true });
}

interface Child {
	request: StartRequest;
	values: Uint8Array;
	control: number;
}

class Zygote {
	readonly #onEnd: () => void;
	readonly #environment = { ...process.env };
	/** Client's socket → answers that did not fit into its buffer yet. */
	readonly #clients = new Map<number, Uint8Array[]>();
	/** pidfd → the child, and the client that asked for it. */
	readonly #children = new Map<number, { readonly pid: number; client: number }>();
	readonly #buffer = new Uint8Array(maxInlineRequest + 4096);

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
	async serveUntilForked(): Promise<Child> {
		for (;;) {
			const clients = [...this.#clients.keys()];
			if (clients.length === 0) {
				this.#onEnd();
				addon().exitNow(0);
			}
			const isBehind = [...this.#clients.values()].some((pending) => pending.length > 0);
			const ready = addon().pollReadable([...clients, ...this.#children.keys()], isBehind ? 5 : -1);
			if (typeof ready === 'number') throw systemError(-ready, 'wait for requests');
			this.#reapEnded();
			for (const index of ready) {
				const fd = clients[index];
				const child = fd === undefined ? undefined : await this.#serveClient(fd);
				if (child !== undefined) return child;
			}
			if (isBehind) for (const fd of clients) this.answerClient(fd);
		}
	}

	/** Sends what is pending and `next`; what does not fit now is kept: a client that does not read must not stop the others. */
	answerClient(fd: number, next?: Uint8Array): void {
		const pending = this.#clients.get(fd);
		if (pending === undefined) return;
		if (next !== undefined) pending.push(next);
		while (pending.length > 0 && addon().sendMessage(fd, pending[0] as Uint8Array, [], false) !== -constants.errno.EAGAIN) pending.shift();
	}

	#reapEnded(): void {
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
		const memoryFile = fds[requestFds.memoryFile];
		const bytes = memoryFile === undefined ? this.#buffer.slice(0, n) : fromMemoryFile(memoryFile);
		const { request, values } = readRequest(bytes);
		for (const url of modulesOf(request)) {
			if (request.noImport?.includes(url) !== true) await tryImport(url);
		}
		return this.#fork(fd, request, values, fds.slice(0, 4));
	}

	#fork(client: number, request: StartRequest, values: Uint8Array, fds: number[]): Child | undefined {
		const pair = addon().socketPair(true);
		const pid = typeof pair === 'number' ? pair : addon().fork();
		if (pid === 0) return this.#becomeChild(request, values, fds, (pair as [number, number])[1]);
		for (const fd of fds) addon().closeFd(fd);
		if (typeof pair === 'number' || pid < 0) {
			if (typeof pair !== 'number') for (const fd of pair) addon().closeFd(fd);
			this.answerClient(client, writeAnswer(answer.failed, request.id, -pid));
			return undefined;
		}
		addon().closeFd(pair[1]);
		this.addClient(pair[0]);
		this.#answerStarted(client, request.id, pid);
		return undefined;
	}

	#answerStarted(client: number, id: number, pid: number): void {
		const pidfd = addon().openPidFd(pid);
		if (pidfd < 0) {
			process.kill(pid, 'SIGKILL');
			addon().reap(pid, true);
			this.answerClient(client, writeAnswer(answer.failed, id, -pidfd));
			return;
		}
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

	/** In the child: lets go of all that is the fork server's, and takes its own descriptors into their places. */
	#becomeChild(request: StartRequest, values: Uint8Array, fds: number[], ownSocket: number): Child {
		for (const fd of [...this.#clients.keys(), ...this.#children.keys()]) addon().closeFd(fd);
		const [stdin, stdout, stderr, control] = fds as [number, number, number, number];
		for (const [from, to] of [[stdin, 0], [stdout, 1], [stderr, 2]] as const) {
			addon().duplicate(from, to);
			addon().closeFd(from);
		}
		renewProcessState();
		takeOverExit();
		inheritZygote(ownSocket, this.#environment);
		return { request, values, control };
	}
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

async function tryImport(url: string): Promise<void> {
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
