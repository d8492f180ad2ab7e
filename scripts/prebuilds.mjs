/**
 * Makes prebuilds/<platform>-<arch>.node and <platform>-<arch>-mpi.node for a release: compiled anew, stripped, tried.
 * Warns when it would not load on the oldest system that Node itself supports (glibc 2.28): then build in a container
 * of such a system. `--check` makes nothing: it fails when one of a release's prebuilds is missing.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
/** What node-gyp makes → what is shipped. */
const targets = { nprocs: `${process.platform}-${process.arch}.node`, nprocs_mpi: `${process.platform}-${process.arch}-mpi.node` };
const oldestGlibc = [2, 28];
const released = ['linux-x64', 'linux-arm64'];

if (process.argv.includes('--check')) {
	const missing = released
		.flatMap((name) => [`prebuilds/${name}.node`, `prebuilds/${name}-mpi.node`])
		.filter((path) => !existsSync(join(root, path)));
	if (missing.length > 0)
		console.error(`Not to be published without ${missing.join(' and ')}: \`npm run prebuilds\` makes one, on a machine of its kind.`);
	process.exit(missing.length > 0 ? 1 : 0);
}

run(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'src/cli/main.ts'), 'build-native', '--clean']);
mkdirSync(join(root, 'prebuilds'), { recursive: true });
for (const [name, file] of Object.entries(targets)) makePrebuild(name, join(root, 'prebuilds', file));

function makePrebuild(name, target) {
	copyFileSync(join(root, `native/build/Release/${name}.node`), target);
	run('strip', ['--strip-unneeded', target]);
	run(process.execPath, ['-e', 'require(process.argv[1])', target]);
	const needed = [...execFileSync('objdump', ['-T', target], { encoding: 'utf8' }).matchAll(/GLIBC_(\d+)\.(\d+)/g)].map((match) => [
		Number(match[1]),
		Number(match[2]),
	]);
	const newest = needed.sort(compare).at(-1) ?? oldestGlibc;
	console.log(`${target}: ${Math.round(statSync(target).size / 1024)} KiB, needs glibc ${newest.join('.')}`);
	if (compare(newest, oldestGlibc) > 0)
		console.log(`! That is newer than ${oldestGlibc.join('.')}, with which Node itself is content: compile on an older system for a release.`);
}

function compare([major, minor], [otherMajor, otherMinor]) {
	return major - otherMajor || minor - otherMinor;
}

function run(command, args) {
	execFileSync(command, args, { stdio: 'inherit' });
}
