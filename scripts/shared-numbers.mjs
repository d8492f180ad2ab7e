/**
 * Writes the modules of numbers that C++ and TypeScript both know, from the tables that C++ includes; the build runs
 * it. With `--check` it only looks whether they are what the tables say.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Of no use to TypeScript. */
const internal = new Set(['IN_PLACE', 'UNWEIGHTED', 'WEIGHTS_EMPTY']);

const modules = [
	{ table: 'native/os/shared.def', path: 'src/native/shared-numbers.ts', head: 'The numbers that the addon knows, too' },
	{
		table: 'native/mpi/shared.def',
		path: 'src/mpi/engine/shared-numbers.ts',
		head: 'The numbers that the addon for an installed MPI knows, too',
	},
	{
		table: 'native/mpi/constants.def',
		path: 'src/mpi/translated-constants.ts',
		head: "MPI's constants that each engine has other numbers for: those of MPICH",
	},
];

let isStale = false;
for (const { table, path, head } of modules) {
	const lines = ['/**', ` * ${head}.`, ' *', ` * Made of ${table} by scripts/shared-numbers.mjs.`, ' */'];
	for (const { comment, name, value } of numbersOf(readFileSync(join(root, table), 'utf8'))) {
		if (comment !== '') lines.push(`/** ${comment} */`);
		lines.push(`export const ${name} = ${value};`);
	}
	const text = `${lines.join('\n')}\n`;
	if (text === readIfThere(join(root, path))) continue;
	isStale = true;
	if (process.argv.includes('--check')) console.error(`${path} is not what ${table} says.`);
	else writeFileSync(join(root, path), text);
}
if (isStale && process.argv.includes('--check')) process.exitCode = 1;

/** `{ comment, name, value }` of each row; the comment is that of the lines right above it. */
function numbersOf(table) {
	const numbers = [];
	let comment = [];
	for (const line of table.split('\n')) {
		const row = /^SHARED\(\w+, (\w+), (-?\d+)\)$/.exec(line) ?? /^(?:NUMBER|ERROR)\((\w+), (-?\d+), (-?\d+), (-?\d+)\)$/.exec(line);
		if (row !== null && !internal.has(row[1])) numbers.push({ comment: comment.join(' '), name: row[1], value: valueOf(row) });
		const said = /^\/\/ (.*)$/.exec(line);
		comment = said === null ? [] : [...comment, said[1]];
	}
	return numbers;
}

function valueOf([, name, mpich, ...others]) {
	// What is added to a buffer must be enough on each of them.
	return name === 'BSEND_OVERHEAD' ? Math.max(...[mpich, ...others].map(Number)) : mpich;
}

function readIfThere(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
