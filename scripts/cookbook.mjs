/**
 * Runs the recipes of examples/ one after another and checks that each ran: `node scripts/cookbook.mjs [name…]`.
 *
 * A recipe must end by itself with exit code 0, print something, and leave nothing behind. Where a file of the same
 * name with the ending .out lies beside it, it must print that (test-runner/expected-output.mjs has the rules), and
 * what a file ending with .err says on stderr. A recipe that says `nprocs run` in its head is run by that command; one
 * that says `nprocs mpiexec -n N`, on N ranks; one that says `exit code N`, must end with that. An expectation without
 * its recipe is a failure, too.
 *
 * Recipes on ranks run by our own launcher always, and then by those of Open MPI and MPICH where they are installed; a
 * recipe that says `exit code` shows what our own does alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { differences } from './test-runner/expected-output.mjs';
import { runMarked } from './test-runner/marked-run.mjs';

const root = resolve(import.meta.dirname, '..');
const timeoutMs = 60_000;
/** What fails is shown and run again so often: `.ci/run` sets it, as for tests. */
const retries = Number(process.env.NPROCS_TEST_RETRIES ?? 0);
const filters = process.argv.slice(2);

const files = ['', 'mpi/'].flatMap((folder) => readdirSync(join(root, 'examples', folder)).map((name) => folder + name));
const recipes = files
	.filter((name) => /\.m?[jt]s$/.test(name) && !basename(name).startsWith('_'))
	.filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
	.sort();
const cli = join(root, 'dist/cli/main.js');
const realLaunchers = ['mpiexec.openmpi', 'mpiexec.mpich'].filter((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
/**
 * `npm run test:mpi-versions` tries libraries that a launcher alone would not choose: what NPROCS_MPI says in ranks of
 * each. Only installed MPIs are tried then.
 */
const otherLibraries = JSON.parse(process.env.NPROCS_TEST_MPI_LIBRARIES ?? 'null') ?? undefined;
const failed = [];
let passed = 0;
for (const recipe of recipes) {
	const head = headOf(recipe);
	for (const launcher of launchersFor(head)) {
		const title = launcher === undefined ? recipe : `${recipe}, by ${launcher}`;
		console.log(`--- examples/${title}`);
		let problems = await check(recipe, head, launcher);
		for (let again = 0; problems.length > 0 && again < retries; again++) {
			for (const problem of problems) console.log(`↻ ${problem}`);
			problems = await check(recipe, head, launcher);
		}
		for (const problem of problems) console.log(`✖ ${problem}`);
		console.log(problems.length === 0 ? `✔ ${title}\n` : `✖ ${title} failed\n`);
		if (problems.length > 0) failed.push(title);
		else passed++;
	}
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

/** The launchers of ranks that a recipe runs by; undefined is our own, or none. */
function launchersFor(head) {
	const isForAll = ranksOf(head) !== undefined && !head.includes('exit code');
	if (otherLibraries !== undefined) return isForAll ? realLaunchers : [];
	return isForAll ? [undefined, ...realLaunchers] : [undefined];
}

async function check(recipe, head, launcher) {
	const output = { stdout: '', stderr: '' };
	const [command, ...args] = launcher === undefined ? [process.execPath, ...argumentsFor(recipe, head)] : rankCommand(launcher, recipe, head);
	const { exit, timedOut, left } = await runMarked(command, args, {
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
	const program = programOf(recipe);
	const ranks = ranksOf(head);
	if (ranks !== undefined) return [cli, 'mpiexec', '-n', ranks, ...(isPool(head) ? ['nprocs', 'mpi-pool'] : []), program];
	return head.includes('nprocs run') ? [cli, 'run', program] : [program];
}

function rankCommand(launcher, recipe, head) {
	const library = otherLibraries?.[launcher.replace('mpiexec.', '')];
	const variables = Object.entries({ NO_COLOR: '1', ...(library !== undefined && { NPROCS_MPI: library }) });
	const options = launcher.endsWith('openmpi')
		? ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', ...variables.flatMap(([name, value]) => ['-x', `${name}=${value}`])]
		: variables.flatMap(([name, value]) => ['-genv', name, value]);
	return [launcher, ...options, '-n', ranksOf(head), process.execPath, ...(isPool(head) ? [cli, 'mpi-pool'] : []), programOf(recipe)];
}

function programOf(recipe) {
	return join(root, recipe.endsWith('.ts') ? 'build/examples' : 'examples', recipe.replace(/\.ts$/, '.js'));
}

function ranksOf(head) {
	return /nprocs mpiexec -n (\d+)/.exec(head)?.[1];
}

function isPool(head) {
	return head.includes('nprocs mpi-pool');
}
