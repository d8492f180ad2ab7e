/** What lies in /dev/shm: for the command line, and to find an object by its identity. */
import { closeSync, existsSync, fstatSync, lstatSync, readSync } from 'node:fs';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { userId } from '../native/user.ts';
import { describeFile } from './file-error.ts';
import { headerBytes, readIdentity, readKind, type Identity } from './layout.ts';
import { blockSuffix, listNames, listPrefixed } from './janitor.ts';
import { isName, newName, pathOf } from './names.ts';

export interface SegmentInfo {
	/** Its file's name. */
	readonly name: string;
	/** What it is; undefined for the raw block of a SharedMemory. */
	readonly kind: string | undefined;
	readonly identity: Identity | undefined;
	/** Its size in bytes, header included. */
	readonly size: number;
	/** Whether a process has it open. */
	readonly held: boolean;
}

/** All segments of this user. */
export function listSegments(): SegmentInfo[] {
	return listNames()
		.map(inspect)
		.filter((info) => info !== undefined)
		.filter(({ name, kind }) => kind !== undefined || name.endsWith(blockSuffix));
}

export interface Stranger {
	readonly name: string;
	/** `'a FIFO'`, `'a file of user 1000'` */
	readonly what: string;
}

/**
 * What lies under our names and is nothing of ours: a link, a folder, another user's file, a file without our header.
 * It is left alone.
 */
export function listStrangers(): Stranger[] {
	return listPrefixed().flatMap((name) => {
		const found = lstatSync(pathOf(name), { throwIfNoEntry: false });
		if (found === undefined) return [];
		const isOurs = found.isFile() && found.uid === userId();
		if (isOurs && (name.endsWith(blockSuffix) || !isName(name) || inspect(name)?.kind !== undefined || !existsSync(pathOf(name)))) return [];
		return [{ name, what: describeFile(found) + (found.uid === userId() ? '' : ` of user ${found.uid}`) }];
	});
}

/** The name of the segment with this identity; undefined when there is none. */
export function findName(identity: Identity): string | undefined {
	const isIt = (name: string): boolean => {
		const found = inspect(name)?.identity;
		return found?.high === identity.high && found.low === identity.low;
	};
	const own = newName(hex(identity.high) + hex(identity.low));
	return isIt(own) ? own : listNames().find((name) => name.includes('-n-') && isIt(name));
}

export function inspect(name: string): SegmentInfo | undefined {
	try {
		const { size, header } = readHeader(name);
		const kind = name.endsWith(blockSuffix) ? undefined : readKind(header);
		return { name, kind, identity: kind === undefined ? undefined : readIdentity(header), size, held: isHeld(name) };
	} catch {
		return undefined; // it was removed meanwhile
	}
}

function readHeader(name: string): { size: number; header: ArrayBuffer } {
	const fd = check(addon().openToRead(pathOf(name)), `read ${name}`);
	try {
		const header = new ArrayBuffer(headerBytes);
		readSync(fd, new Uint8Array(header), 0, headerBytes, 0);
		return { size: fstatSync(fd).size, header };
	} finally {
		closeSync(fd);
	}
}

function isHeld(name: string): boolean {
	const fd = addon().openExclusive(pathOf(name));
	if (fd < 0) return true;
	addon().closeFd(fd);
	return false;
}

function hex(word: number): string {
	return (word >>> 0).toString(16).padStart(8, '0');
}
