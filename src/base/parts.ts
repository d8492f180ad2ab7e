/**
 * The library in parts: importing it loads its core, and each other part is a file that is loaded when something of it
 * is first used.
 *
 * The parts are made when the library is built (scripts/bundle.mjs), from modules that import each other as usual. Only
 * two things have to know of them here. What comes from another process may need a part that nothing in this one has
 * used, so the kind of a shared object can name its part (codec/handle.ts). And a part that cannot be loaded, or was
 * not built together with the core, is an error that says so: a program may run for weeks, while its node_modules
 * change.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NprocsError } from './errors.ts';

/** What the file of a part exports. */
export interface PartFile {
	/** The same in all files that were built together. */
	readonly build: string;
	readonly evaluate: (...given: never[]) => unknown;
}

/** For the bundle, whose address is given: reads the part in `file`, which lies beside it. */
export function readPart(file: string, bundle: string, build: string): PartFile['evaluate'] {
	const part = requirePart(file, bundle);
	if (part.build === build) return part.evaluate;
	throw new NprocsError(
		`Cannot load ${file} of nprocs: it belongs to another build than what this program has loaded before. Start the program again.`,
		{
			code: 'ERR_NPROCS_MISSING_DEPENDENCY',
		},
	);
}

/**
 * Loads the part of that name, if there is one that is not loaded yet. (Where nothing was bundled, imports load
 * everything.)
 */
export function loadPart(name: string): void {
	load?.(name);
}

/** Called once, by the bundle. */
export function loadPartsBy(loader: (name: string) => void): void {
	load = loader;
}

let load: ((name: string) => void) | undefined;

function requirePart(file: string, bundle: string): PartFile {
	try {
		const require = createRequire(bundle);
		return readFileSync instanceof Function ? (require(`./${file}`) as PartFile) : evaluateHere(require.resolve(`./${file}`), require);
	} catch (cause) {
		refuseBundle();
		throw new NprocsError(
			`Cannot load ${file} of nprocs: ${String((cause as Error).message).split('\n', 1)[0]}. The installation is not complete, or this process must not read it.`,
			{ code: 'ERR_NPROCS_MISSING_DEPENDENCY', cause },
		);
	}
}

/**
 * Some test runners (jest, vitest's vmThreads) run tests, and the core with them, among global objects of their own.
 * `require` would evaluate the part among Node's: errors and arrays would be of other classes than the test's, and what
 * such a runner leaves in its global scope would not be found.
 */
function evaluateHere(path: string, require: NodeJS.Require): PartFile {
	const exports = {};
	// oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- the only way to these globals that does not wait
	new Function('exports', 'require', `${readFileSync(path, 'utf8')}\n//# sourceURL=${pathToFileURL(path).href}`)(exports, require);
	return exports as PartFile;
}

/**
 * A bundler that has copied the library into another file has left behind what belongs to it: its parts, the addon, and
 * the programs that its processes run.
 */
export function refuseBundle(): void {
	if (isInItsPackage()) return;
	const where = (import.meta.url as string | undefined) === undefined ? '' : ` ${fileURLToPath(import.meta.url)} of`;
	throw new NprocsError(
		`nprocs has been bundled into another file (it runs from${where} ${process.argv[1]}) and cannot find its addon and the programs of its processes.` +
			' Tell the bundler to leave it out: mark `nprocs` as external, with `nprocs/mpi` (docs/bundlers.md).',
		{ code: 'ERR_NPROCS_BUNDLED' },
	);
}

function isInItsPackage(): boolean {
	try {
		const { name } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { name?: unknown };
		return name === 'nprocs';
	} catch {
		return false;
	}
}
