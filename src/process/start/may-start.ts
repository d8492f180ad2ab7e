/** Whether this process may start others now: never without end. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { ArgumentError, ProcessError } from '../../base/errors.ts';
import { currentName, placeInTree } from '../current.ts';
import { isImporting } from '../importing.ts';

/** Throws a ProcessError that says what to do. */
export function checkMayStart(): void {
	if (isImporting()) throw missingGuard();
	const depth = placeInTree().identity.length;
	if (depth > 0 && depth >= maxDepth()) throw tooDeep(depth);
}

/** As Python, but also for what goes on later: see importing.ts. */
function missingGuard(): ProcessError {
	const module = callingModule();
	const guards = module === undefined ? Object.values(guardOf).join(', or ') : guardOf[isCommonJs(module) ? 'CommonJS' : 'ESM'];
	return new ProcessError(
		`Cannot start a process here: this code runs because a child process imports ${module ?? 'the module'} to find its functions, and each child would start children in turn.` +
			` Start processes only in the main process, or in a function that a child calls: put what starts them below ${guards}.`,
		{ code: 'ERR_NPROCS_MISSING_GUARD' },
	);
}

const guardOf = {
	ESM: '`if (isMain(import.meta)) { … }`',
	CommonJS: '`if (isMain(module)) { … }` or `if (require.main === module) { … }`',
};

/** The file of the program whose code is at work: the nearest of the stack that is neither Node's nor ours. */
function callingModule(): string | undefined {
	const limit = Error.stackTraceLimit;
	Error.stackTraceLimit = 50;
	const frames = (new Error().stack ?? '').split('\n').slice(1);
	Error.stackTraceLimit = limit;
	const own = ['dist', 'src'].map((folder) => fileURLToPath(new URL(`../../../${folder}/`, import.meta.url)));
	const files = frames.map((frame) => /(file:\/\/[^)]+?|\/[^)]+?):\d+:\d+\)?$/.exec(frame)?.[1]);
	return files
		.filter((file) => file !== undefined)
		.map((file) => (file.startsWith('file:') ? fileURLToPath(file.replace(/[?#].*$/, '')) : file))
		.find((file) => !own.some((folder) => file.startsWith(folder)));
}

function isCommonJs(file: string): boolean {
	const loaded = createRequire(import.meta.url).cache[file];
	return loaded === undefined ? /\.c[jt]s$/.test(file) : !types.isModuleNamespaceObject(loaded.exports);
}

/** How deep processes may be nested: the main process is not counted. As loky's LOKY_MAX_DEPTH. */
const defaultMaxDepth = 10;
const variable = 'NPROCS_MAX_DEPTH';

function maxDepth(): number {
	const given = process.env[variable];
	if (given === undefined || given === '') return defaultMaxDepth;
	if (/^\d+$/.test(given)) return Number(given);
	throw new ArgumentError(`Expected the environment variable ${variable} to be a whole number, got '${given}'.`);
}

function tooDeep(depth: number): ProcessError {
	return new ProcessError(
		`Cannot start a process: ${currentName()} is nested ${depth} deep, which is the limit, because it is mostly a program that starts processes without end.` +
			` If this one is meant to do so, set the environment variable ${variable} to a larger number.`,
		{ code: 'ERR_NPROCS_TOO_DEEP' },
	);
}
