/**
 * Starts a forkserver, and waits until it is ready: two steps, between which whoever needs it has other things to do.
 *
 * It may be killed or stopped meanwhile, as any process. That says nothing of the machine, so another one is started; a
 * second one that ends before it is ready is taken for a sign that it cannot work here, as is what it says of itself.
 * Whoever waits for it blocks, so the wait has a limit: it is given up when it has been stopped for two seconds, when
 * it has done nothing at all for eight, and in any case after twenty.
 */
import { nowMs } from '../../base/clock.ts';
import { ProcessError } from '../../base/errors.ts';
import { trace } from '../../base/trace.ts';
import { addon } from '../../native/addon.ts';
import { isReadable } from '../../native/descriptor.ts';
import { check } from '../../native/raise.ts';
import { DirectChild } from '../start/child-handle.ts';
import type { Environment } from '../start/environment.ts';
import { fromText, type Inheritance } from '../start/inheritance.ts';
import { kill } from '../start/kill.ts';
import { entryPoint, environmentList, nodePath, nullFd, ownFd } from '../start/launcher.ts';
import { procStat } from '../start/proc-stat.ts';
import { programFlags } from '../start/program-flags.ts';
import { reportForkserverFault } from '../start/method.ts';
import { answer, readAnswer, forkserverSocketFd } from './protocol.ts';

export interface BootedForkserver {
	/** This process's end of its connection. */
	readonly fd: number;
	readonly pid: number;
	/** That it was started with. */
	readonly environment: Environment;
	/** What its children have. */
	readonly inheritance: Inheritance;
	/** Modules that it was to import first, and that it must not import. */
	readonly unfit: readonly string[];
}

/** One that has been started and is not ready yet. */
export type BegunForkserver = Omit<BootedForkserver, 'inheritance' | 'unfit'> & {
	readonly credentials: Inheritance['credentials'];
	readonly preload: readonly string[];
};

/**
 * esbuild, with which loaders such as tsx compile, keeps a thread for it unless told otherwise; no child would have
 * that.
 */
export const forForkserver = { ESBUILD_WORKER_THREADS: '0' };

/** `preload`: modules that it imports first. */
export function beginForkserver(preload: readonly string[]): BegunForkserver {
	const environment = { ...forForkserver, ...process.env };
	const credentials = addon().credentialsStamp();
	return { ...launch(environment, preload), environment, credentials, preload };
}

/** It ends by itself, since nobody is left whom it could serve. */
export function abandonForkserver({ fd }: BegunForkserver): void {
	addon().closeFd(fd);
}

/** Throws ERR_NPROCS_FORKSERVER_UNUSABLE, and reports it for good, when it cannot work here. */
export function bootForkserver(begun: BegunForkserver): BootedForkserver {
	const unfit: string[] = [];
	let hasFailed = false;
	for (let next = begun; ; next = beginForkserver(begun.preload.filter((module) => !unfit.includes(module)))) {
		const booted = awaitBoot(next);
		if (!('fault' in booted)) return { ...booted, unfit };
		trace('the forkserver did not start: %s', booted.fault);
		if (booted.unfit !== undefined) {
			unfit.push(booted.unfit);
			continue;
		}
		if (!booted.mayBeChance || hasFailed) throw unusable(booted.fault);
		hasFailed = true;
	}
}

function unusable(fault: string): ProcessError {
	reportForkserverFault(`the forkserver does not work here: ${fault}.`);
	return new ProcessError(`Cannot start the forkserver: ${fault}.`, { code: 'ERR_NPROCS_FORKSERVER_UNUSABLE' });
}

interface Failure {
	readonly fault: string;
	/** Then it is worth trying again. */
	readonly mayBeChance: boolean;
	/** The module that it must not import. */
	readonly unfit?: string;
}

const stoppedMs = 2000;
const idleMs = 8000;
const limitMs = 20_000;
const lookEveryMs = 250;

function awaitBoot({ fd, pid, environment, credentials }: BegunForkserver): Omit<BootedForkserver, 'unfit'> | Failure {
	const outcome = awaitReady(fd, pid);
	if ('attributes' in outcome) return { fd, pid, environment, inheritance: { credentials, attributes: outcome.attributes } };
	addon().closeFd(fd);
	kill(pid);
	return outcome;
}

/**
 * Nobody should inherit the timers by which V8 collects garbage in idle times: with them, a program of 20 processes
 * took 21 % more processor time and 19 % more page faults on Node 20 where those are dear. With pages that are got
 * ready at once (forkserver/pages.ts), 30 processes take 5 % more with them on Node 20, and no more on Node 24.
 */
const heapFlags = ['--no-memory-reducer', '--no-minor-gc-task'];

function launch(environment: Environment, preload: readonly string[]): { fd: number; pid: number } {
	const [own, theirs] = check(addon().socketPair(true), 'connect to the forkserver');
	const argv = [
		nodePath(),
		'--single-threaded',
		'--v8-pool-size=1', // 0 would be one for each core; a thread that sleeps does no harm
		...heapFlags,
		...programFlags(),
		...entryPoint('forkserver.js'),
		JSON.stringify(preload),
	];
	try {
		check(addon().refuseOtherIds(theirs), 'connect to the forkserver');
		const fds = [nullFd(), ownFd(1), ownFd(2)];
		fds[forkserverSocketFd] = theirs;
		const pid = check(addon().spawn(nodePath(), argv, environmentList(environment), null, fds), 'start the forkserver');
		DirectChild.adopt(pid); // whenever it ends, the handle's watch takes the zombie away
		return { fd: addon().closeAtEnd(own), pid };
	} catch (error) {
		addon().closeFd(own);
		throw error;
	} finally {
		addon().closeFd(theirs);
	}
}

/** What it inherits to its children, or why there is nothing to wait for. */
function awaitReady(fd: number, pid: number): { attributes: Uint8Array } | Failure {
	const patience = new Patience(pid);
	for (;;) {
		if (isReadable(fd, lookEveryMs)) return readFirst(fd);
		const fault = patience.look();
		if (fault !== undefined) return fault;
	}
}

function readFirst(fd: number): { attributes: Uint8Array } | Failure {
	const buffer = new Uint8Array(4096);
	const length = addon().receiveMessage(fd, buffer, false, []);
	if (length <= 0) return { fault: 'it ended while starting', mayBeChance: true };
	const { kind, text } = readAnswer(buffer.subarray(0, length));
	if (kind === answer.retired) return { fault: `it cannot import ${text}`, mayBeChance: true, unfit: text };
	return kind === answer.ready ? { attributes: fromText(text) } : { fault: text, mayBeChance: false };
}

/** What is known of a process that should be getting on. */
class Patience {
	readonly #pid: number;
	readonly #start = nowMs();
	#ticks = -1;
	/** Since when it has been seen to do nothing, and to be stopped. */
	#idleSince = this.#start;
	#stoppedSince: number | undefined;

	constructor(pid: number) {
		this.#pid = pid;
	}

	look(): Failure | undefined {
		const now = nowMs();
		const stat = procStat(this.#pid);
		this.#stoppedSince = stat?.state === 'T' ? (this.#stoppedSince ?? now) : undefined;
		if (stat === undefined || stat.ticks !== this.#ticks || 'RD'.includes(stat.state)) this.#idleSince = now;
		this.#ticks = stat?.ticks ?? -1;
		if (now - (this.#stoppedSince ?? now) >= stoppedMs) return { fault: 'it was stopped while starting', mayBeChance: true };
		if (now - this.#idleSince >= idleMs) return { fault: `it did nothing for ${idleMs} ms while starting`, mayBeChance: false };
		if (now - this.#start >= limitMs) return { fault: `it was not ready after ${limitMs} ms`, mayBeChance: false };
		return undefined;
	}
}
