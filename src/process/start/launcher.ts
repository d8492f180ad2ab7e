/** What a start method has to do: make a child out of a start request. Descriptors are copied, not taken. */
import { existsSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addon } from '../../native/addon.ts';
import { fileSystemError } from '../../native/raise.ts';
import type { ChildHandle } from './child-handle.ts';
import type { StartRequest } from './request.ts';

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
	if (devNull === undefined || addon().isOpenFd(devNull) === 0) devNull = openNull();
	return devNull;
}

function openNull(): number {
	try {
		return openSync('/dev/null', 'r+');
	} catch (error) {
		throw fileSystemError(error, 'open /dev/null, which is the stdin of new processes');
	}
}

/** One of this process's own descriptors, or /dev/null where the program has closed it. */
export function ownFd(fd: number): number {
	return addon().isOpenFd(fd) === 1 ? fd : nullFd();
}

/** As `execve` takes it. */
export function environmentList(env: Readonly<Record<string, string | undefined>>): string[] {
	return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

/** The running Node. It knows itself from /proc; where there is none, it knows only the word by which it was called. */
export function nodePath(): string {
	const path = process.execPath;
	if (path.includes('/')) return resolve(path);
	const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
	return folders.map((folder) => join(folder, path)).find((candidate) => existsSync(candidate)) ?? path;
}

/**
 * What Node is told to run for a child: the file of this library by the very path by which the program has loaded it,
 * else a child would have the library twice.
 */
export function entryPoint(file: string): string[] {
	return ['--preserve-symlinks-main', fileURLToPath(new URL(`../../${file}`, import.meta.url))];
}

let devNull: number | undefined;
