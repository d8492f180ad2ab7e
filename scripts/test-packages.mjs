/**
 * Uses real packages in processes: `node scripts/test-packages.mjs [--quick] [major…] [package…]`, by default all on
 * Node 20 and 24, opened in the target and at import, by `forkserver` and `spawn`. `--quick`: by `forkserver` on this
 * Node alone, without what has to be compiled. The last line is `N passed, N failed`.
 *
 * The packages are installed from test/packages/package-lock.json into a cache, for each Node its own. PostgreSQL and
 * Redis must be installed on the machine.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { startServers } from './test-packages/servers.mjs';
import { otherNode } from './other-node.mjs';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'test/packages');
const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const versions = args.filter((arg) => /^\d+(\.\d+)*$/.test(arg));
const names = args.filter((arg) => arg !== '--quick' && !versions.includes(arg));
const timeLimitMs = 240_000;

/** Those that npm compiles where no binary can be downloaded. */
const compiled = ['better-sqlite3'];
const methods = isQuick ? ['forkserver'] : ['forkserver', 'spawn'];
const programs = readdirSync(join(source, 'programs'))
	.map((file) => file.replace('.mjs', ''))
	.filter((name) => !['main', 'piscina-worker'].includes(name) && (names.length === 0 || names.includes(name)))
	.filter((name) => !isQuick || !compiled.includes(name));

const totals = { passed: 0, failed: 0 };
const folder = mkdtempSync(join(tmpdir(), 'packages-'));
try {
	for (const version of versions.length > 0 ? versions : isQuick ? [''] : ['20', '24']) await runOn(version);
} finally {
	rmSync(folder, { recursive: true, force: true });
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

async function runOn(version) {
	const isThis = version === '' || process.versions.node.split('.')[0] === version;
	const node = isThis ? process.execPath : otherNode(version);
	const packages = install(node);
	const run = mkdtempSync(join(folder, 'run-'));
	if (process.getuid() === 0) spawnSync('chmod', ['755', folder, run]);
	const servers = await startServers(run, packages);
	console.log(`\n=== Node ${versionOf(node)}`);
	try {
		for (const name of programs) {
			for (const when of ['target', 'import'])
				for (const method of methods) await tryOut({ node, packages, name, when, method, env: { ...servers.environment, FOLDER: run } });
		}
	} finally {
		await servers.end();
	}
}

/** Where they are, with the programs beside them and this checkout as `nprocs`. */
function install(node) {
	const lock = readFileSync(join(source, 'package-lock.json'));
	const mark = createHash('sha256').update(lock).digest('hex').slice(0, 12);
	const cache = join(
		process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
		'nprocs-test-packages',
		`${versionOf(node)}-${mark}${isQuick ? '-quick' : ''}`,
	);
	mkdirSync(cache, { recursive: true });
	if (!existsSync(join(cache, 'complete'))) {
		for (const file of ['package.json', 'package-lock.json']) cpSync(join(source, file), join(cache, file));
		const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
		if (existsSync(join(dirname(node), '../include/node/node.h'))) env.npm_config_nodedir = dirname(dirname(node));
		const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(isQuick ? ['--ignore-scripts'] : [])], {
			cwd: cache,
			env,
			stdio: 'inherit',
		});
		if (status !== 0) throw new Error(`npm ci in ${cache} ended with ${status}`);
		writeFileSync(join(cache, 'complete'), '');
	}
	const work = mkdtempSync(join(folder, 'work-'));
	cpSync(join(source, 'programs'), work, { recursive: true });
	cpSync(join(source, 'package.json'), join(work, 'package.json'));
	mkdirSync(join(work, 'node_modules'));
	for (const name of readdirSync(join(cache, 'node_modules'))) symlinkSync(join(cache, 'node_modules', name), join(work, 'node_modules', name));
	symlinkSync(root, join(work, 'node_modules/nprocs'));
	return work;
}

function versionOf(node) {
	return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

async function tryOut({ node, packages, name, when, method, env }) {
	const child = spawn(node, ['main.mjs', name, when, method], {
		cwd: packages,
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const output = { stdout: '', stderr: '' };
	for (const stream of ['stdout', 'stderr']) child[stream].setEncoding('utf8').on('data', (text) => (output[stream] += text));
	const timer = setTimeout(() => child.kill('SIGKILL'), timeLimitMs);
	const status = await new Promise((settle) => child.once('close', (code, signal) => settle(signal ?? code)));
	clearTimeout(timer);
	const lines = output.stdout.trim().split('\n').toSorted().join(', ');
	const isRight = status === 0 && lines === '1 true, 2 true, 3 true';
	totals[isRight ? 'passed' : 'failed']++;
	console.log(`${isRight ? '✔' : '✖'} ${name}, opened in the ${when === 'import' ? 'module' : 'target'}, ${method}`);
	if (!isRight) console.log(`    exit code ${status}; ${lines}\n${output.stderr.slice(-2000)}`);
}
