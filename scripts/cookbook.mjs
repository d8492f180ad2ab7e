/**
 * Runs the recipes of examples/ one after another and checks that each ran: `node scripts/cookbook.mjs [name…]`.
 *
 * A recipe must end by itself with exit code 0, print something, and leave nothing behind. Where a file of the same name with the
 * ending .out lies beside it, it must print that (test-runner/expected-output.mjs has the rules), and what a file ending with .err says on stderr. A recipe that says `nprocs run` in its head
 * is run by that command; one that says `nprocs mpiexec -n N`, on N ranks; one that says `exit code N`, must end with that. An expectation without its recipe is a failure, too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { differences } from './test-runner/expected-output.mjs';
import { runMarked } from './test-runner/marked-run.mjs';

const root = resolve(import.meta.dirname, '..');
const timeoutMs = 60_000;
const filters = process.argv.slice(2);

const files = ['', 'mpi/'].flatMap((folder) => readdirSync(join(root, 'examples', folder)).map((name) => folder + name));
const recipes = files
	.filter((name) => /\.m?[jt]s$/.test(name) && !basename(name).startsWith('_'))
	.filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
	.sort();
const failed = [];
let passed = 0;
for (const recipe of recipes) {
	console.log(`--- examples/${recipe}`);
	const problems = await check(recipe);
	for (const problem of problems) console.log(`✖ ${problem}`);
	console.log(problems.length === 0 ? `✔ ${recipe}\n` : `✖ ${recipe} failed\n`);
	if (problems.length > 0) failed.push(recipe);
	else passed++;
}
for (const expectation of expectationsWithoutRecipe()) {
	console.log(`✖ examples/${expectation} belongs to no recipe`);
	failed.push(expectation);
}
if (recipes.length === 0) console.log('No recipe found.');
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && recipes.length > 0 ? 0 : 1;

function expectationsWithoutRecipe() {
	return files.filter(
		(name) => /\.(out|err)$/.test(name) && !files.some((other) => /\.m?[jt]s$/.test(other) && other.startsWith(name.replace(/\w+$/, ''))),
	);
}

async function check(recipe) {
	const output = { stdout: '', stderr: '' };
	const head = headOf(recipe);
	const { exit, timedOut, left } = await runMarked(process.execPath, argumentsFor(recipe, head), {
		timeoutMs,
		onOutput: (bytes, stream) => {
			process[stream].write(bytes);
			output[stream] += bytes.toString();
		},
	});
	const code = Number(/exit code (\d+)/.exec(head)?.[1] ?? 0);
	const problems = left.map((entry) => `left behind: ${entry}`);
	if (timedOut) problems.push(`was killed after ${timeoutMs / 1000} s`);
	else if (exit !== code) problems.push(`ended with ${exit} instead of ${code}`);
	if (output.stdout.trim() === '') problems.push('printed nothing');
	for (const [stream, ending] of [
		['stdout', '.out'],
		['stderr', '.err'],
	]) {
		const expected = join(root, 'examples', recipe.replace(/\.\w+$/, ending));
		if (existsSync(expected)) problems.push(...differences(readFileSync(expected, 'utf8'), output[stream]));
	}
	return problems;
}

function headOf(recipe) {
	const source = readFileSync(join(root, 'examples', recipe), 'utf8');
	return /^(\s*(\/\/|\/?\*).*\n)*/.exec(source)[0];
}

function argumentsFor(recipe, head) {
	const program = join(root, recipe.endsWith('.ts') ? 'build/examples' : 'examples', recipe.replace(/\.ts$/, '.js'));
	const ranks = /nprocs mpiexec -n (\d+)/.exec(head)?.[1];
	const isPool = head.includes('nprocs mpi-pool');
	if (ranks !== undefined) return [join(root, 'dist/cli/main.js'), 'mpiexec', '-n', ranks, ...(isPool ? ['nprocs', 'mpi-pool'] : []), program];
	return head.includes('nprocs run') ? [join(root, 'dist/cli/main.js'), 'run', program] : [program];
}
