/**
 * Which modules are loaded when.
 *
 * The *core* is what importing the library has to evaluate: the public classes, and what these need for being classes
 * (their ancestors, constants of their layouts). All that they use in their methods alone is *late*: it lies in a part
 * that is loaded when something of it is first used; and so are public functions. A module becomes late by itself when
 * nothing at the top level of the core's modules uses it any more.
 */

/**
 * Beside those: the first take what they find when the library is imported, before the program or a test tool changes
 * it; the others are used by what is called at the top level.
 */
const atImport = ['base/clock.js', 'process/start/instruments.js', 'manager/methods.js', 'base/parts.js'];

/**
 * The late modules of these folders make a part, with the parts that it stands on: whose names are at hand in it. The
 * first that fits counts.
 */
export const lateParts = [
	{ name: 'forkserver', folders: ['forkserver/'], on: ['ground', 'process'] },
	{ name: 'manager', folders: ['manager/'], on: ['ground', 'process', 'task', 'channel'] },
	{ name: 'pool', folders: ['pool/'], on: ['ground', 'process', 'task', 'channel'] },
	{ name: 'task', folders: ['task/'], on: ['ground', 'process'] },
	{ name: 'socket', folders: ['connection/socket/'], on: ['ground'] },
	{ name: 'channel', folders: ['stream/', 'queue/', 'connection/'], on: ['ground'] },
	{ name: 'process', folders: ['process/'], on: ['ground'] },
	{ name: 'ground', folders: [''], on: [] },
];

/** What programs and the forkserver import. */
export const entries = ['index.js', 'forkserver/server.js'];

/**
 * Entries of their own, each of which makes a part of what it reaches and no part before it has. What they stand on is
 * at hand.
 */
export const furtherParts = [
	{ name: 'mpi', entries: ['mpi.js', 'mpi/launcher/rank-main.js', 'mpi/futures/mpi-pool.js'], on: ['ground', 'process', 'task'] },
	{ name: 'mpiexec', entries: ['mpi/launcher/mpiexec.js', 'mpi/launcher/options.js'], on: ['ground', 'process'] },
];

/** Path → name of its part. */
export function assignParts(modules) {
	const partOf = new Map();
	for (const path of closure(modules, [entries[0], ...atImport], (module) => [...module.needsAtOnce, ...passedOn(modules, module)]))
		partOf.set(path, 'core');
	for (const path of closure(modules, entries, allImports)) {
		if (!partOf.has(path)) partOf.set(path, lateParts.find(({ folders }) => folders.some((folder) => path.startsWith(folder))).name);
	}
	for (const { name, entries: own } of furtherParts) {
		for (const path of closure(modules, own, allImports)) if (!partOf.has(path)) partOf.set(path, name);
	}
	return partOf;
}

/** Those of which the module passes on more than functions: of a function, a thin one takes the place. */
function passedOn(modules, { statements }) {
	return statements
		.filter(
			({ isExport, module, names }) =>
				isExport && module !== undefined && (names.length === 0 || !names.every(({ local }) => modules.get(module).functions.has(local))),
		)
		.map(({ module }) => module);
}

function allImports({ statements }) {
	return statements.flatMap(({ module }) => module ?? []);
}

/** In the order in which they are reached. */
function closure(modules, entries, next) {
	const reached = new Set();
	const visit = (path) => {
		if (reached.has(path)) return;
		reached.add(path);
		for (const to of next(modules.get(path))) visit(to);
	};
	entries.forEach(visit);
	return reached;
}
