/**
 * Runs the tests on other Node versions with the addon as it is: `node scripts/test-versions.mjs [major…] [name…]`, by
 * default on 22, 24 and 26. One addon must serve all of them.
 */
import { spawnSync } from 'node:child_process';
import { dirname, delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { otherNode } from './other-node.mjs';

const args = process.argv.slice(2);
const chosen = args.filter((arg) => /^\d+(\.\d+)*$/.test(arg));
const rest = args.filter((arg) => !chosen.includes(arg));
const totals = [0, 0, 0];

for (const version of chosen.length > 0 ? chosen : ['22', '24', '26']) {
	const node = otherNode(version);
	console.log(`\n=== Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`);
	const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(new URL('test.mjs', import.meta.url)), '--node', node, ...rest], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
		maxBuffer: 2 ** 30,
	});
	process.stdout.write(stdout);
	const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(stdout);
	if (closing === null) totals[1] += 1;
	else totals.forEach((_, i) => (totals[i] += Number(closing[i + 1])));
	if (status !== 0) process.exitCode = 1;
}
console.log(`\n${totals[0]} passed, ${totals[1]} failed, ${totals[2]} skipped`);
