/**
 * Runs the recipes of examples/ one after another and checks that each ran: `node scripts/cookbook.mjs [name…]`.
 *
 * A recipe must end by itself with exit code 0, print something, and leave nothing behind. Where a file of the same name with the
 * ending .out lies beside it, it must print that: `<int>` stands for a number, `<any>` for any text of one line; a first line
 * `# any order` allows the lines in any order. A recipe that says `nprocs run` in its head is run by that command.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { spawn } from 'node:child_process';
import { killProcesses, leftOvers, snapshot } from './test-runner/left-overs.mjs';

const root = resolve(import.meta.dirname, '..');
const timeLimitMs = 60_000;
const filters = process.argv.slice(2);

const recipes = readdirSync(join(root, 'examples'))
	.filter((name) => /\.m?[jt]s$/.test(name) && !name.startsWith('_'))
	.filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
	.sort();
const failed = [];
for (const recipe of recipes) {
	console.log(`--- examples/${recipe}`);
	const problems = await check(recipe);
	for (const problem of problems) console.log(`✖ ${problem}`);
	console.log(problems.length === 0 ? `✔ ${recipe}\n` : `✖ ${recipe} failed\n`);
	if (problems.length > 0) failed.push(recipe);
}
if (recipes.length === 0) console.log('No recipe found.');
console.log(`${recipes.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && recipes.length > 0 ? 0 : 1;

async function check(recipe) {
	const mark = `c${process.pid.toString(36)}x${recipes.indexOf(recipe)}`;
	const temporary = mkdtempSync(join(tmpdir(), 'npc-'));
	const before = snapshot();
	const { session, exit, output } = await runRecipe(recipe, { mark, temporary });
	const left = await leftOvers({ mark, session, temporary, before });
	killProcesses({ mark, session });
	rmSync(temporary, { recursive: true, force: true });

	const problems = left.map((entry) => `left behind: ${entry}`);
	if (exit !== 0) problems.push(`ended with ${exit}`);
	if (output.trim() === '') problems.push('printed nothing');
	const expected = join(root, 'examples', recipe.replace(/\.\w+$/, '.out'));
	if (existsSync(expected)) problems.push(...differences(readFileSync(expected, 'utf8'), output));
	return problems;
}

function runRecipe(recipe, { mark, temporary }) {
	const source = readFileSync(join(root, 'examples', recipe), 'utf8');
	const program = join(root, 'build/examples', recipe.replace(/\.ts$/, '.js'));
	const runner = /^(\s*(\/\/|\/?\*).*\n)*\s*(\/\/|\/?\*).*nprocs run/.test(source) ? [join(root, 'dist/cli/main.js'), 'run'] : [];
	const child = spawn(process.execPath, [...runner, program], {
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, NPROCS_TEST_RUN: mark, NPROCS_NAMESPACE: mark, TMPDIR: temporary },
	});
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text) => {
		output += text;
		process.stdout.write(text);
	});
	child.stderr.pipe(process.stderr, { end: false });
	return new Promise((done) => {
		const timer = setTimeout(() => killProcesses({ mark, session: child.pid }), timeLimitMs);
		child.once('exit', (code, signal) => {
			clearTimeout(timer);
			setTimeout(() => {
				child.stdout.destroy();
				child.stderr.destroy();
				done({ session: child.pid, exit: signal ?? code, output });
			}, 50);
		});
	});
}

function differences(expected, output) {
	let wanted = linesOf(expected);
	let printed = linesOf(output);
	if (wanted[0] === '# any order') [wanted, printed] = [wanted.slice(1).sort(), printed.sort()];
	if (wanted.length !== printed.length) return [`printed ${printed.length} lines instead of ${wanted.length}`];
	return wanted.flatMap((line, i) => (patternOf(line).test(printed[i]) ? [] : [`line ${i + 1} is "${printed[i]}" instead of "${line}"`]));
}

const linesOf = (text) => text.trimEnd().split('\n');

function patternOf(line) {
	const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	return new RegExp(`^${escaped.replaceAll('<int>', '-?\\d+').replaceAll('<any>', '.*')}$`);
}
