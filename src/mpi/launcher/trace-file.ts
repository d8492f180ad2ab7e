/**
 * `--trace`: the ranks' parts of the timeline become one file in Chrome's trace format, which ui.perfetto.dev opens: a
 * rank is a process there. A part is a line for each event; the last line of a killed rank may be cut off.
 */
import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ArgumentError } from '../../base/errors.ts';
import { fileSystemError } from '../../native/raise.ts';

/** A file for each rank's part, beside the timeline. Throws an ArgumentError when nothing can be written there. */
export function traceParts(file: string, size: number): string[] {
	const path = resolve(file);
	try {
		accessSync(dirname(path), constants.W_OK);
	} catch (error) {
		throw new ArgumentError(`Cannot write the timeline ${path}: ${(error as Error).message}.`, { cause: error });
	}
	return Array.from({ length: size }, (_, rank) => `${path}.${process.pid}.rank-${rank}`);
}

export function mergeTrace(file: string, parts: readonly string[]): void {
	const fd = open(resolve(file));
	try {
		writeSync(fd, '{"displayTimeUnit":"ms","traceEvents":[\n');
		const names = parts.map((_, rank) => ({ name: 'process_name', ph: 'M', pid: rank, args: { name: `rank ${rank}` } }));
		const order = parts.map((_, rank) => ({ name: 'process_sort_index', ph: 'M', pid: rank, args: { sort_index: rank } }));
		writeSync(fd, [...names, ...order].map((event) => JSON.stringify(event)).join(',\n'));
		for (const part of parts) {
			for (const line of linesOf(part)) writeSync(fd, `,\n${line}`);
			rmSync(part, { force: true });
		}
		writeSync(fd, '\n]}\n');
	} finally {
		closeSync(fd);
	}
}

function open(path: string): number {
	try {
		return openSync(path, 'w');
	} catch (error) {
		throw fileSystemError(error, `write the timeline ${path}`);
	}
}

function linesOf(part: string): string[] {
	if (!existsSync(part)) return []; // a rank that has made no call
	return readFileSync(part, 'utf8').split('\n').slice(0, -1);
}
