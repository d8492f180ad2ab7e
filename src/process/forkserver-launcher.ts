/**
 * The start method `forkserver`: starts the fork server when it is first needed, and again when it has died.
 *
 * A module that kills the fork server when it is imported there (it exits, crashes, or never finishes) is remembered: the next
 * fork server leaves it to the processes to import it.
 */
import { fileURLToPath } from 'node:url';
import { ProcessError } from '../base/errors.ts';
import { trace } from '../base/trace.ts';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { DirectChild, type ChildHandle } from './child-handle.ts';
import { environmentChange, type Environment } from './environment.ts';
import { fromText, inheritedFrom, type Inheritance } from './inheritance.ts';
import { environmentList, nullFd, ownFd, programFlags, type Launch, type Launcher } from './launcher.ts';
import { writeRequest, type StartRequest } from './start-request.ts';
import { reportForkserverFault } from './start-method.ts';
import { ForkserverRetiredError, ZygoteClient } from './zygote-client.ts';
import { answer, readAnswer, zygoteSocketFd } from './zygote-protocol.ts';

export const forkserverLauncher: Launcher = {
	launch(launch: Launch): ChildHandle {
		for (let attempt = 0; ; attempt++) {
			const { client, inherited } = connected();
			try {
				const request = { ...launch.request, ...inherited, env: environmentChange(baseEnvironment, launch.env), noImport: [...notToImport] };
				const fds = [launch.stdin, launch.stdout, launch.stderr, launch.control];
				return client.start(request.id, writeRequest(request, launch.values), fds, needsOf(request), launch.reportedExit);
			} catch (error) {
				if ((error as { code?: string }).code !== 'ERR_NPROCS_FORKSERVER_GONE' || attempt === 3) throw error;
				if (error instanceof ForkserverRetiredError) notToImport.add(error.module);
				else if (attempt > 0) for (const url of modulesOf(launch.request)) notToImport.add(url);
				trace('the fork server has ended; starting another one');
			}
		}
	},
};

/** For a forked child: the connection that the fork server made for it, and the environment that requests are relative to. */
export function inheritZygote(fd: number, zygotePid: number, environment: Environment, inheritance: Inheritance | undefined): void {
	inheritedFd = fd;
	inheritedPid = zygotePid;
	base = inheritance;
	baseEnvironment = environment;
}

/** For a copy of this process: what it inherited belongs to the original. */
export function forgetZygote(): void {
	if (inheritedFd !== undefined) addon().closeFd(inheritedFd);
	else if (client?.isDead === false) client.abandon();
	inheritedFd = undefined;
	client = undefined;
}

/** Modules that a process needs for a request. */
export function modulesOf({ target, subclass }: StartRequest): string[] {
	return [subclass?.url, target?.url].filter((url) => url !== undefined);
}

/** What the fork server imports, compiles and warms up for a request. */
function needsOf({ subclass, target, opens }: StartRequest): string {
	return JSON.stringify([subclass, target, opens]);
}

const bootTimeoutMs = 30_000;
const notToImport = new Set<string>();
let client: ZygoteClient | undefined;
/** A connection that has not been needed yet: most children start no processes. */
let inheritedFd: number | undefined;
let inheritedPid = 0;
let baseEnvironment: Environment = {};
/** What children of the fork server have. */
let base: Inheritance | undefined;
let preload: readonly string[] = [];

/** Modules that the fork server imports when it starts; it must not run yet. */
export function setPreload(modules: readonly string[]): void {
	preload = modules;
}

export function preloadedModules(): readonly string[] {
	return preload;
}

/** A fork server that can make children of this process, and what it has to give to them. */
function connected(): { client: ZygoteClient; inherited: { attributes?: string } } {
	if (inheritedFd !== undefined) client = new ZygoteClient(inheritedFd, inheritedPid);
	inheritedFd = undefined;
	const inherited = base === undefined ? 'unable' : inheritedFrom(base);
	if (client?.isUsable === true && inherited !== 'unable') return { client, inherited };
	client?.retire();
	client = startZygote();
	const anew = inheritedFrom(base as Inheritance);
	// Node raises the limit of open files when it starts.
	return { client, inherited: anew === 'unable' ? {} : anew };
}

/** Children inherit bytecode, so it is kept; and nobody should inherit the timers by which V8 collects garbage in idle times. */
const heapFlags = ['--no-flush-bytecode', '--no-memory-reducer', '--no-minor-gc-task'];

function startZygote(): ZygoteClient {
	// esbuild, with which loaders such as tsx compile, keeps a thread for it unless told otherwise; no child would have that.
	const environment = { ESBUILD_WORKER_THREADS: '0', ...process.env };
	const credentials = addon().credentialsStamp();
	const [own, theirs] = socketPair();
	let pid: number;
	const argv = [
		process.execPath,
		'--single-threaded',
		'--v8-pool-size=1', // 0 would be one for each core; a thread that sleeps does no harm
		'--no-force-async-hooks-checks',
		...heapFlags,
		...programFlags(),
		fileURLToPath(new URL('../zygote.js', import.meta.url)),
		JSON.stringify(preload),
	];
	try {
		check(addon().refuseOtherIds(theirs), 'connect to the fork server');
		const fds = [nullFd(), ownFd(1), ownFd(2)];
		fds[zygoteSocketFd] = theirs;
		const list = environmentList(environment);
		pid = check(addon().spawn(process.execPath, argv, list, null, fds), 'start the fork server');
	} catch (error) {
		addon().closeFd(own);
		throw error;
	} finally {
		addon().closeFd(theirs);
	}
	const attributes = awaitReady(own, pid);
	reapAtEnd(own, pid);
	baseEnvironment = environment;
	base = { credentials, attributes };
	return new ZygoteClient(own, pid);
}

/** It is a child of this process: whenever it ends, the handle's watch takes the zombie away. */
function reapAtEnd(fd: number, pid: number): void {
	try {
		DirectChild.adopt(pid);
	} catch (error) {
		addon().closeFd(fd);
		throw error;
	}
}

function socketPair(): [number, number] {
	const pair = addon().socketPair(true);
	if (typeof pair === 'number') check(pair, 'connect to the fork server');
	return pair as [number, number];
}

/** What it inherits to its children. */
function awaitReady(fd: number, pid: number): Uint8Array {
	const buffer = new Uint8Array(4096);
	const ready = addon().pollReadable([fd], bootTimeoutMs);
	const n = Array.isArray(ready) && ready.length > 0 ? addon().receiveMessage(fd, buffer, false, []) : 0;
	const message = n > 0 ? readAnswer(buffer.subarray(0, n)) : undefined;
	if (message?.kind === answer.ready) return fromText(message.text);
	addon().closeFd(fd);
	process.kill(pid, 'SIGKILL');
	addon().reap(pid, true);
	const fault =
		message?.text ??
		(n === 0 && Array.isArray(ready) && ready.length > 0 ? 'it ended while starting' : `it was not ready after ${bootTimeoutMs} ms`);
	reportForkserverFault(`the fork server does not work here: ${fault}.`);
	throw new ProcessError(`Cannot start the fork server: ${fault}.`, { code: 'ERR_NPROCS_FORKSERVER_UNUSABLE' });
}
