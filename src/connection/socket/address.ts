/**
 * Addresses of listeners: the path of a Unix socket (one that begins with "\0" is a name in Linux's abstract
 * namespace), or `{ host, port }` for TCP.
 *
 * A listener without an address gets a socket in a folder of its own that only its user can enter. A killed process
 * cannot remove it, so each new one removes those whose processes are dead.
 */
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, isOf, type Kind } from '../../base/arguments.ts';
import { either, type BothForms } from '../../base/both-forms.ts';
import { ArgumentError, NprocsError } from '../../base/errors.ts';
import { addon } from '../../native/addon.ts';
import { fileSystemError } from '../../native/raise.ts';
import { userId } from '../../native/user.ts';

export interface TcpAddress {
	host: string;
	port: number;
}

export type Address = string | TcpAddress;

/** One that can be asked for a host and a port. */
const anObject: Kind = {
	what: 'an object',
	has: (value) =>
		typeof value === 'object' && value !== null && [(value as Partial<TcpAddress>).host, (value as Partial<TcpAddress>).port].length > 0,
};

const maxPathBytes = 107;

export function isTcp(address: Address): address is TcpAddress {
	return typeof address === 'object';
}

export function checkAddress(address: unknown): Address {
	if (typeof address === 'string') return checkPath(address);
	if (isOf(anObject, address)) {
		const { host = 'localhost', port } = address as Partial<TcpAddress>;
		if (typeof host === 'string' && Number.isInteger(port) && port! >= 0 && port! <= 65535) return { host, port: port! };
	}
	throw new ArgumentError(`Expected the address to be the path of a Unix socket or { host, port }, got ${describe(address)}.`);
}

function checkPath(path: string): string {
	if (path.startsWith('\\\\'))
		throw new ArgumentError(
			`Cannot use the address ${path}: named pipes exist on Windows only. Use the path of a Unix socket or { host, port }.`,
		);
	const { length } = Buffer.from(path);
	if (length === 0 || length > maxPathBytes) {
		throw new ArgumentError(`Expected the path of a Unix socket to have 1 to ${maxPathBytes} bytes, got ${length}: ${JSON.stringify(path)}.`);
	}
	return path;
}

function modeOf(folder: string, what: string): number | undefined {
	try {
		return statSync(folder, { throwIfNoEntry: false })?.mode;
	} catch (error) {
		throw fileSystemError(error, what);
	}
}

/** The socket's file must lie where other users cannot replace it. */
export function checkFolder(path: string): void {
	if (path.startsWith('\0')) return;
	const folder = dirname(path);
	const mode = modeOf(folder, `listen at ${path}`);
	if (mode === undefined) throw new NprocsError(`Cannot listen at ${path}: the folder ${folder} does not exist.`, { code: 'ERR_NPROCS_NOT_FOUND' });
	const [othersMayWrite, sticky] = [0o002, 0o1000];
	if ((mode & othersMayWrite) !== 0 && (mode & sticky) === 0) {
		throw new NprocsError(
			`Cannot listen at ${path}: every user may write to the folder ${folder} and could put another socket there. Use a folder of your own.`,
			{
				code: 'ERR_NPROCS_NO_ACCESS',
			},
		);
	}
}

/** The first numeric address of a host. */
export function* resolvingHost(host: string): BothForms<string> {
	if (process.getBuiltinModule('node:net').isIP(host) !== 0) return host;
	try {
		return yield* either(
			() => lookUp(host),
			() => lookUpSync(host),
		);
	} catch (cause) {
		throw new NprocsError(`The host ${host} is not known.`, { code: 'ERR_NPROCS_UNKNOWN_HOST', cause });
	}
}

async function lookUp(host: string): Promise<string> {
	const { lookup } = await import('node:dns/promises');
	return (await lookup(host)).address;
}

function lookUpSync(host: string): string {
	const found = addon().resolveHost(host);
	if (typeof found === 'number') throw new Error(`getaddrinfo gave ${found}`);
	return found;
}

const folderPrefix = 'nprocs-listener-';

/**
 * A new path in a private folder: `nprocs-listener-<uid>-<pid namespace>-<pid>-<start time>-<random>/socket`, the
 * middle numbers in base 36: such a path may have 108 bytes. The pid has a meaning in its namespace only, and
 * containers may share a folder.
 */
export function privatePath(): string {
	const root = tmpdir().length < 50 ? tmpdir() : '/tmp';
	const base = `${folderPrefix}${userId()}-${Math.max(0, addon().pidNamespace()).toString(36)}-`;
	try {
		removeStale(root, base);
		const pid = addon().processId();
		const folder = mkdtempSync(join(root, `${base}${pid}-${startOf(pid)}-`));
		chmodSync(folder, 0o700);
		return join(folder, 'socket');
	} catch (error) {
		const hint = 'Set TMPDIR to one that this user can write to, or give an address.';
		throw fileSystemError(error, `make a folder in ${root} for the socket to listen at`, hint);
	}
}

function startOf(pid: number): string {
	return Math.max(0, addon().processStartTime(pid)).toString(36);
}

/** The address as error messages show it. */
export function textOf(address: Address): string {
	return isTcp(address) ? `${address.host}:${address.port}` : address.replaceAll('\0', '@');
}

export function removePrivateFolder(path: string): void {
	rmSync(dirname(path), { recursive: true, force: true });
}

function removeStale(root: string, base: string): void {
	for (const name of readdirSync(root)) {
		if (!name.startsWith(base)) continue;
		const [pid, start] = name.slice(base.length).split('-');
		// 0: there is no /proc that could tell.
		if (start === '0' || start === startOf(Number(pid)) || lstatSync(join(root, name), { throwIfNoEntry: false })?.uid !== userId()) continue;
		try {
			rmSync(join(root, name), { recursive: true, force: true });
		} catch {
			// Another user's, or being removed by another process.
		}
	}
}
