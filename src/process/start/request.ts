/**
 * What a child is told, whatever the start method: a header that can be read without knowing the program's classes, and
 * the encoded values, which are decoded after the module that may register classes has been imported.
 *
 * As bytes: header length (u32), header (JSON), values (codec; none when all are empty). Large ones travel in a memory
 * file.
 */
import { writeSync, fstatSync } from 'node:fs';
import { readFully } from '../../base/read-fully.ts';
import { addon } from '../../native/addon.ts';
import { check, fileSystemError } from '../../native/raise.ts';
import type { Stdio } from './output.ts';
import type { TestRunner } from '../current.ts';
import type { EnvironmentChange } from './environment.ts';
import type { Reference } from '../reference/named-target.ts';
import type { StartMethod } from './method.ts';

export interface StartRequest {
	/** Tells apart the answers of the forkserver. */
	readonly id: number;
	readonly name: string;
	readonly daemon: boolean;
	/** Position in the tree of processes: [1, 2] is the second child of the first child. */
	readonly identity: readonly number[];
	readonly parent: { readonly pid: number; readonly name: string };
	/** The class whose `run` is called, when it is not Process itself. */
	readonly subclass?: Reference;
	readonly target?: Reference;
	/** The text of a target given by `inline`. */
	readonly inlineSource?: string;
	readonly cwd: string;
	readonly umask: number;
	/** Other ones than the child has already (inheritance.ts). */
	readonly attributes?: string;
	/** Changes against the environment that the forkserver was started with; complete for other methods. */
	readonly env: EnvironmentChange;
	readonly argv: readonly string[];
	readonly execArgv: readonly string[];
	/** What `setStartMethod` was given, for the child to go on with. */
	readonly startMethod?: StartMethod;
	readonly preload: readonly string[];
	/** By which the program's processes know each other; see authkey.ts. */
	readonly programKey: string;
	/** Which one the program runs under. */
	readonly testRunner?: TestRunner;
	readonly stdio: Stdio;
	/** Of the descriptors that lie in the control socket for the child, in their order. */
	readonly tickets: readonly string[];
	/** Kinds of the shared objects among the values. */
	readonly opens: readonly string[];
	/** Modules that the forkserver must leave to the child to import. */
	readonly noImport?: readonly string[];
	/** No other start like this will follow soon, so the forkserver makes no spare for it. */
	readonly isLast?: boolean;
}

/** The values that go with a request: encoded, and opened only after the modules have been imported. */
export interface StartValues {
	readonly args: readonly unknown[];
	/** Own fields of the instance of a subclass. */
	readonly fields: Readonly<Record<string, unknown>>;
	/** What `inline` captured. */
	readonly captured: Readonly<Record<string, unknown>>;
}

export function writeRequest(request: StartRequest, values: Uint8Array): Uint8Array {
	const header = Buffer.from(JSON.stringify(request));
	const out = Buffer.allocUnsafe(4 + header.length + values.length);
	out.writeUInt32LE(header.length, 0);
	header.copy(out, 4);
	out.set(values, 4 + header.length);
	return out;
}

export function readRequest(bytes: Uint8Array): { request: StartRequest; values: Uint8Array } {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const end = 4 + buffer.readUInt32LE(0);
	// Not a Buffer: V8 would have to compile the decoder for both.
	const values = new Uint8Array(bytes.buffer, bytes.byteOffset + end, bytes.length - end);
	return { request: JSON.parse(buffer.toString('utf8', 4, end)) as StartRequest, values };
}

export function toMemoryFile(bytes: Uint8Array): number {
	const fd = check(addon().memoryFile(), 'make a memory file for a start request');
	let at = 0;
	try {
		while (at < bytes.length) at += writeSync(fd, bytes, at, Math.min(bytes.length - at, 1 << 30), at);
	} catch (error) {
		addon().closeFd(fd);
		throw fileSystemError(error, `send ${bytes.length} bytes to a new process`);
	}
	return fd;
}

export function readMemoryFile(fd: number): Uint8Array {
	const bytes = new Uint8Array(fstatSync(fd).size);
	readFully(fd, bytes, 0);
	return bytes;
}
