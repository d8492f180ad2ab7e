/**
 * The start method `forkserver`: starts the forkserver when it is first needed, and again when it has died.
 *
 * A module that kills the forkserver when it is imported there (it exits, crashes, or never finishes), or that makes it
 * unfit to be forked, is remembered: the next forkserver leaves it to the processes to import it.
 */
import { forkHook, forkStep } from '../../base/at-fork.ts';
import { trace } from '../../base/trace.ts';
import { addon } from '../../native/addon.ts';
import type { ChildHandle } from '../start/child-handle.ts';
import { processState } from '../current.ts';
import { environmentChange, type Environment } from '../start/environment.ts';
import { inheritedFrom, type Inheritance } from '../start/inheritance.ts';
import type { Launch, Launcher } from '../start/launcher.ts';
import { writeRequest, type StartRequest } from '../start/request.ts';
import { abandonForkserver, beginForkserver, bootForkserver, type BegunForkserver } from './boot.ts';
import { ForkserverRetiredError, ForkserverClient, type Start } from './client.ts';

export const forkserverLauncher: Launcher & { launchAll(launches: readonly Launch[]): ChildHandle[] } = {
	launch(launch: Launch): ChildHandle {
		return withForkserver([launch], (client, [start]) => client.start(start!));
	},

	/** All of them, or none. All are asked for at once. */
	launchAll(launches: readonly Launch[]): ChildHandle[] {
		return withForkserver(launches, (client, starts) => client.startAll(starts));
	},
};

/** `start` is tried again with another forkserver when the one that it was given has ended. */
function withForkserver<T>(launches: readonly Launch[], start: (client: ForkserverClient, starts: readonly Start[]) => T): T {
	for (let attempt = 0; ; attempt++) {
		const { client, inherited } = connected();
		try {
			return start(
				client,
				launches.map((launch) => describeStart(launch, inherited)),
			);
		} catch (error) {
			if ((error as { code?: string }).code !== 'ERR_NPROCS_FORKSERVER_GONE' || attempt === 3) throw error;
			const modules = launches.flatMap(({ request }) => modulesOf(request));
			if (error instanceof ForkserverRetiredError) notToImport.add(error.module);
			else if (attempt > 0 || client.isSilent) for (const url of modules) notToImport.add(url);
			trace('the forkserver has ended; starting another one');
		}
	}
}

function describeStart(launch: Launch, inherited: { attributes?: string }): Start {
	const request = { ...launch.request, ...inherited, env: environmentChange(baseEnvironment, launch.env), noImport: [...notToImport] };
	return {
		id: request.id,
		request: writeRequest(request, launch.values),
		fds: [launch.stdin, launch.stdout, launch.stderr, launch.control],
		reportedExit: launch.reportedExit,
	};
}

/**
 * Has a forkserver begin to start, where the next `launch` would; it takes a while, in which the caller can prepare the
 * request.
 */
export function prepareForkserver(): void {
	if (inheritedFd !== undefined || client?.isUsable === true) return;
	if (begun !== undefined && (begun.preload !== processState().preload || begun.credentials !== addon().credentialsStamp())) forgetBegun();
	forgetAtFork();
	begun ??= beginForkserver(processState().preload);
}

export interface InheritedForkserver {
	readonly fd: number;
	/** The forkserver's own. */
	readonly pid: number;
	readonly environment: Environment;
	readonly inheritance: Inheritance | undefined;
}

/**
 * For a forked child: the connection that the forkserver made for it, and the environment that requests are relative
 * to.
 */
export function inheritForkserver({ fd, pid, environment, inheritance }: InheritedForkserver): void {
	forgetAtFork();
	inheritedFd = fd;
	inheritedPid = pid;
	base = inheritance;
	baseEnvironment = environment;
}

/** In a copy of this process: the connection belongs to the original. */
function forgetForkserver(): void {
	if (inheritedFd !== undefined) addon().closeFd(inheritedFd);
	else if (client?.isDead === false) client.abandon();
	inheritedFd = undefined;
	client = undefined;
	forgetBegun();
}

function forgetBegun(): void {
	if (begun !== undefined) abandonForkserver(begun);
	begun = undefined;
}

/** Modules that a process needs for a request. */
export function modulesOf({ target, subclass }: StartRequest): string[] {
	return [subclass?.url, target?.url].filter((url) => url !== undefined);
}

const forgetAtFork = forkHook({ step: forkStep.connections, inCopy: forgetForkserver });
const notToImport = new Set<string>();
let client: ForkserverClient | undefined;
/** One that nobody has waited for yet: the start that wanted it has failed. */
let begun: BegunForkserver | undefined;
/** A connection that has not been needed yet: most children start no processes. */
let inheritedFd: number | undefined;
let inheritedPid = 0;
let baseEnvironment: Environment = {};
/** What children of the forkserver have. */
let base: Inheritance | undefined;

/** A forkserver that can make children of this process, and what it has to give to them. */
function connected(): { client: ForkserverClient; inherited: { attributes?: string } } {
	if (inheritedFd !== undefined) client = new ForkserverClient(inheritedFd, inheritedPid);
	inheritedFd = undefined;
	const inherited = base === undefined ? 'unable' : inheritedFrom(base);
	if (client?.isUsable === true && inherited !== 'unable') return { client, inherited };
	client?.retire();
	prepareForkserver();
	const booted = bootForkserver(begun as BegunForkserver);
	begun = undefined;
	client = new ForkserverClient(booted.fd, booted.pid);
	baseEnvironment = booted.environment;
	base = booted.inheritance;
	for (const module of booted.unfit) notToImport.add(module);
	const anew = inheritedFrom(base);
	return { client, inherited: anew === 'unable' ? {} : anew }; // what is amiss now has happened meanwhile
}
