/**
 * Runs the long random programs of test/stress: `node scripts/stress.mjs [--seed N] [--seconds N] [name…]`. Each is
 * started with `--seed N --seconds N`, checks its own invariants, ends with exit code 0 if they held, and must leave
 * nothing behind. The seed that is printed repeats a run. Those named soak-… run only when they are named.
 */
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runMarked } from './test-runner/marked-run.mjs';

const root = resolve(import.meta.dirname, '..');
const { values: options, positionals: filters } = parseArgs({
	allowPositionals: true,
	options: { seed: { type: 'string', default: String(randomInt(2 ** 31)) }, seconds: { type: 'string', default: '20' } },
});

const folder = join(root, 'test/stress');
const programs = (existsSync(folder) ? readdirSync(folder) : [])
	.filter((name) => name.endsWith('.ts') && !name.startsWith('_'))
	.filter((name) => (filters.length === 0 ? !name.startsWith('soak') : filters.some((filter) => name.includes(filter))))
	.sort();
let failed = 0;
for (const program of programs) {
	const args = [join(root, 'build/test/stress', program.replace(/\.ts$/, '.js')), '--seed', options.seed, '--seconds', options.seconds];
	console.log(`--- test/stress/${program} --seed ${options.seed} --seconds ${options.seconds}`);
	const { exit, timedOut, left } = await runMarked(process.execPath, args, {
		timeoutMs: 3000 * Number(options.seconds) + 60_000,
		onOutput: (bytes, stream) => process[stream].write(bytes),
	});
	const problems = left.map((entry) => `left behind: ${entry}`);
	if (timedOut) problems.push('was killed: it did not end in time');
	else if (exit !== 0) problems.push(`ended with ${exit}`);
	for (const problem of problems) console.log(`✖ ${problem}`);
	if (problems.length > 0) failed += 1;
}
console.log(`${programs.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && programs.length > 0 ? 0 : 1;
