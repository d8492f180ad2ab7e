/** What a start method has to do: make a child out of a start request. Descriptors are copied, not taken. */
import { openSync } from 'node:fs';
import { addon } from '../native/addon.ts';
import type { ChildHandle } from './child-handle.ts';
import type { StartRequest } from './start-request.ts';

export interface Descriptors {
	readonly stdin: number;
	readonly stdout: number;
	readonly stderr: number;
	/** The child's end of the control socket (control.ts). */
	readonly control: number;
}

export interface Launch extends Descriptors {
	readonly request: StartRequest;
	/** Encoded StartValues. */
	readonly values: Uint8Array;
	/** When it has ended: the exit code that it has told of itself. */
	readonly reportedExit: () => number | undefined;
	/** The child's whole environment. */
	readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Launcher {
	/** Returns when the process exists. Throws, and leaves nothing behind, when it cannot be made. */
	launch(launch: Launch): ChildHandle;
}

/** A descriptor of /dev/null, opened once. */
export function nullFd(): number {
	if (devNull === undefined || addon().isOpenFd(devNull) === 0) devNull = openSync('/dev/null', 'r+');
	return devNull;
}

/** One of this process's own descriptors, or /dev/null where the program has closed it. */
export function ownFd(fd: number): number {
	return addon().isOpenFd(fd) === 1 ? fd : nullFd();
}

/** As `execve` takes it. */
export function environmentList(env: Readonly<Record<string, string | undefined>>): string[] {
	return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

/**
 * The flags of Node that the program runs with (loaders, memory limits, …) without those that are for its main process
 * only: what to evaluate, test or inspect.
 */
export function programFlags(): string[] {
	const flags: string[] = [];
	for (let i = 0; i < process.execArgv.length; i++) {
		const flag = process.execArgv[i] as string;
		if (mainOnly.test(flag)) {
			if (/^(-e|-p|-pe|--eval|--print)$/.test(flag)) i++; // its value
			continue;
		}
		flags.push(flag);
	}
	return flags;
}

const mainOnly =
	/^(-e|-p|-pe|-i|-c|--eval|--print|--interactive|--check|--test|--watch|--inspect|--cpu-prof|--heap-prof|--input-type|--single-threaded|--v8-pool-size|--no-force-async-hooks)/;

let devNull: number | undefined;
