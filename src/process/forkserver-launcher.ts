/**
 * The start method `forkserver`: starts the fork server when it is first needed, and again when it has died.
 *
 * A module that kills the fork server when it is imported there (it exits, crashes, or never finishes), or that makes it unfit to be forked, is remembered: the next
 * fork server leaves it to the processes to import it.
 */
import { trace } from '../base/trace.ts';
import { addon } from '../native/addon.ts';
import type { ChildHandle } from './child-handle.ts';
import { processState } from './current.ts';
import { environmentChange, type Environment } from './environment.ts';
import { inheritedFrom, type Inheritance } from './inheritance.ts';
import type { Launch, Launcher } from './launcher.ts';
import { writeRequest, type StartRequest } from './start-request.ts';
import { abandonZygote, beginZygote, bootZygote, type BegunZygote } from './zygote-boot.ts';
import { ForkserverRetiredError, ZygoteClient } from './zygote-client.ts';

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
				else if (attempt > 0 || client.isSilent) for (const url of modulesOf(launch.request)) notToImport.add(url);
				trace('the fork server has ended; starting another one');
			}
		}
	},
};

/** Has a fork server begin to start, where the next `launch` would; it takes a while, in which the caller can prepare the request. */
export function prepareForkserver(): void {
	if (inheritedFd !== undefined || client?.isUsable === true) return;
	if (begun !== undefined && (begun.preload !== processState().preload || begun.credentials !== addon().credentialsStamp())) forgetBegun();
	begun ??= beginZygote(processState().preload);
}

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
	forgetBegun();
}

function forgetBegun(): void {
	if (begun !== undefined) abandonZygote(begun);
	begun = undefined;
}

/** Modules that a process needs for a request. */
export function modulesOf({ target, subclass }: StartRequest): string[] {
	return [subclass?.url, target?.url].filter((url) => url !== undefined);
}

/** What the fork server imports, compiles and warms up for a request. */
function needsOf({ subclass, target, opens }: StartRequest): string {
	return JSON.stringify([subclass, target, opens]);
}

const notToImport = new Set<string>();
let client: ZygoteClient | undefined;
/** One that nobody has waited for yet: the start that wanted it has failed. */
let begun: BegunZygote | undefined;
/** A connection that has not been needed yet: most children start no processes. */
let inheritedFd: number | undefined;
let inheritedPid = 0;
let baseEnvironment: Environment = {};
/** What children of the fork server have. */
let base: Inheritance | undefined;

/** A fork server that can make children of this process, and what it has to give to them. */
function connected(): { client: ZygoteClient; inherited: { attributes?: string } } {
	if (inheritedFd !== undefined) client = new ZygoteClient(inheritedFd, inheritedPid);
	inheritedFd = undefined;
	const inherited = base === undefined ? 'unable' : inheritedFrom(base);
	if (client?.isUsable === true && inherited !== 'unable') return { client, inherited };
	client?.retire();
	prepareForkserver();
	const booted = bootZygote(begun as BegunZygote);
	begun = undefined;
	client = new ZygoteClient(booted.fd, booted.pid);
	baseEnvironment = booted.environment;
	base = booted.inheritance;
	for (const module of booted.unfit) notToImport.add(module);
	const anew = inheritedFrom(base);
	return { client, inherited: anew === 'unable' ? {} : anew }; // what is amiss now has happened meanwhile
}
