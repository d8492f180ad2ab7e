/** Which call of the program is on the stack: the name of the method that it called, and where it stands. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CallSite {
	/** `recv`, `Bcast`, `wait`; empty when the program has called nothing. */
	readonly name: string;
	/** `deadlock.mjs:2`, from the working directory; empty when unknown. */
	readonly place: string;
}

/** Where the library was called. Takes some microseconds: for who waits long already. */
export function callSite(): CallSite {
	const limit = Error.stackTraceLimit;
	Error.stackTraceLimit = 60;
	const frames = (new Error().stack ?? '').split('\n').slice(1);
	Error.stackTraceLimit = limit;
	const index = frames.findIndex((frame) => isProgram(frame));
	if (index < 0) return { name: '', place: '' };
	const name = /^\s+at (?:async )?(?:new )?(?:[\w$#]+\.)*([\w$#]+) /.exec(frames[index - 1] ?? '')?.[1] ?? '';
	return { name, place: placeOf(frames[index]!) };
}

/** The first place of the program's on a stack, as `place`. */
export function placeIn(stack: string): string {
	const frame = stack.split('\n').find((line) => isProgram(line));
	return frame === undefined ? '' : placeOf(frame);
}

function isProgram(frame: string): boolean {
	own ??= ['dist', 'src'].map((folder) => new URL(`../../../../${folder}/`, import.meta.url)).flatMap((url) => [url.href, fileURLToPath(url)]);
	return !own.some((folder) => frame.includes(folder)) && !/\bnode:|[( ]<anonymous>\)?$/.test(frame) && /:\d+:\d+\)?$/.test(frame);
}

function placeOf(frame: string): string {
	const [, where, line] = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^():]*):(\d+):\d+\)?$/.exec(frame) ?? [];
	if (where === undefined) return '';
	const path = where.startsWith('file:') ? fileURLToPath(where) : where;
	const near = relative(process.cwd(), path);
	return `${near.startsWith('..') ? path : near}:${line}`;
}

/** Where the library lies: as a URL and as a path. */
let own: readonly string[] | undefined;
