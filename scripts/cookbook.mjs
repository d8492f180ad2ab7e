/**
 * Runs the recipes of examples/ one after another and checks that each ran: `node scripts/cookbook.mjs [name…]`.
 *
 * A recipe must end by itself with exit code 0, print something, and leave nothing behind. Where a file of the same name with the
 * ending .out lies beside it, it must print that (test-runner/expected-output.mjs has the rules). A recipe that says `nprocs run` in its head
 * is run by that command. An expectation without its recipe is a failure, too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { differences } from './test-runner/expected-output.mjs';
import { runMarked } from './test-runner/marked-run.mjs';

const root = resolve(import.meta.dirname, '..');
const timeoutMs = 60_000;
const filters = process.argv.slice(2);

const recipes = readdirSync(join(root, 'examples'))
	.filter((name) => /\.m?[jt]s$/.test(name) && !name.startsWith('_'))
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
	const files = readdirSync(join(root, 'examples'));
	return files.filter((name) => name.endsWith('.out') && !files.some((other) => other !== name && other.startsWith(name.replace(/out$/, ''))));
}

async function check(recipe) {
	let output = '';
	const { exit, timedOut, left } = await runMarked(process.execPath, argumentsFor(recipe), {
		timeoutMs,
		onOutput: (bytes, stream) => {
			process[stream].write(bytes);
			if (stream === 'stdout') output += bytes.toString();
		},
	});
	const problems = left.map((entry) => `left behind: ${entry}`);
	if (timedOut) problems.push(`was killed after ${timeoutMs / 1000} s`);
	else if (exit !== 0) problems.push(`ended with ${exit}`);
	if (output.trim() === '') problems.push('printed nothing');
	const expected = join(root, 'examples', recipe.replace(/\.\w+$/, '.out'));
	if (existsSync(expected)) problems.push(...differences(readFileSync(expected, 'utf8'), output));
	return problems;
}

function argumentsFor(recipe) {
	const source = readFileSync(join(root, 'examples', recipe), 'utf8');
	const head = /^(\s*(\/\/|\/?\*).*\n)*/.exec(source)[0];
	const program = join(root, recipe.endsWith('.ts') ? 'build/examples' : 'examples', recipe.replace(/\.ts$/, '.js'));
	return head.includes('nprocs run') ? [join(root, 'dist/cli/main.js'), 'run', program] : [program];
}
