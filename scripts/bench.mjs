/**
 * Runs the benchmarks one after another: `node scripts/bench.mjs [--node PATH-or-major] [--part TEXT]… [--rounds N]
 * [name…]`. `--part`: only those questions whose title contains the text.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { otherNode } from './other-node.mjs';

const root = resolve(import.meta.dirname, '..');
const { values: options, positionals: filters } = parseArgs({
	allowPositionals: true,
	options: {
		node: { type: 'string', default: process.execPath },
		part: { type: 'string', multiple: true, default: [] },
		rounds: { type: 'string' },
	},
});
const node = existsSync(options.node) ? options.node : otherNode(options.node);

const files = readdirSync(join(root, 'benchmarks'))
	.filter((name) => name.endsWith('.ts') && name !== 'harness.ts')
	.filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
	.sort();
const passedOn = [...options.part.flatMap((text) => ['--part', text]), ...(options.rounds === undefined ? [] : ['--rounds', options.rounds])];
for (const file of files) {
	console.log(`\n=== benchmarks/${file}`);
	const program = join(root, 'build/benchmarks', file.replace(/\.ts$/, '.js'));
	const { status } = spawnSync(node, ['--expose-gc', program, ...passedOn], { stdio: 'inherit' });
	if (status !== 0) process.exitCode = 1;
}
if (files.length === 0) {
	console.error(filters.length === 0 ? 'There are no benchmarks.' : `No benchmark matches ${filters.join(', ')}.`);
	process.exitCode = 1;
}
