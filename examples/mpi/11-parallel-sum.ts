/**
 * Which words are the most frequent in the JavaScript files of a folder? Each rank counts those of every N-th file, and
 * the counts are merged in pairs, from rank to rank, by a function of our own. The first argument is the folder;
 * without it, this program's packages are read.
 *
 *     npx nprocs mpiexec -n 4 parallel-sum.js node_modules
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MPI } from 'nprocs/mpi';

type Counts = Map<string, number>;

const comm = MPI.COMM_WORLD;
const folder = process.argv[2] ?? dirname(createRequire(import.meta.url).resolve('pngjs'));

// One rank looks what there is, so that all have the same list.
const files = comm.bcast(comm.rank === 0 ? javaScriptIn(folder) : []);
const own = files.filter((_, i) => i % comm.size === comm.rank);

const counts: Counts = new Map();
let bytes = 0;
for (const file of own) {
	const text = readFileSync(file, 'utf8');
	bytes += text.length;
	for (const word of text.match(/[A-Za-z]{4,}/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
}

const all = comm.reduce(counts, merged);
const total = comm.reduce(bytes, MPI.SUM);
const most = comm.allreduce(own.length, MPI.MAX);
if (all !== null) {
	const words = [...all].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).slice(0, 3);
	console.log(`${files.length} files, ${total} characters, at most ${most} files on a rank, ${all.size} words`);
	console.log(words.map(([word, count]) => `${word}: ${count}`).join(', '));
	const sum = [...all.values()].reduce((a, b) => a + b);
	console.log(`the sum of all counts is ${sum === alone(files) ? 'that of one process' : 'wrong'}`);
}

function merged(a: Counts, b: Counts): Counts {
	for (const [word, count] of b) a.set(word, (a.get(word) ?? 0) + count);
	return a;
}

function alone(files: readonly string[]): number {
	return files.reduce((sum, file) => sum + (readFileSync(file, 'utf8').match(/[A-Za-z]{4,}/g)?.length ?? 0), 0);
}

function javaScriptIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.m?js$/.test(name))
		.map((name) => join(folder, name))
		.sort();
}
