/**
 * What is published, tried as a user would: packed, installed in an empty project, compiled there, imported.
 * Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
let folder: string;
let files: string[];

before(() => {
	folder = mkdtempSync(join(tmpdir(), 'packaging-'));
	const [packed] = JSON.parse(npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder)) as {
		filename: string;
		files: { path: string }[];
	}[];
	files = packed!.files.map(({ path }) => path);
	mkdirSync(join(folder, 'project'));
	writeFileSync(join(folder, 'project/package.json'), '{ "private": true }');
	npm(join(folder, 'project'), 'install', '--prefer-offline', join(folder, packed!.filename));
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds what users need and nothing else', () => {
	for (const wanted of [
		'dist/index.js',
		'dist/index.d.ts',
		'dist/cli/main.js',
		'native/binding.gyp',
		'native/bind/addon.cc',
		'native/os/process.h',
		'docs/errors.md',
		'README.md',
		'LICENSE',
		'CHANGELOG.md',
	]) {
		assert.ok(files.includes(wanted), `${wanted} is missing`);
	}
	const unwanted = files.filter(
		(path) => /^(build|test|examples|benchmarks|scripts|native\/(build|test)|src|\.ci|node_modules)\//.test(path) || path === 'binding.gyp',
	);
	assert.deepEqual(unwanted, []);
});

test('nothing is run at install: package managers refuse it', () => {
	const { scripts, gypfile } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
		scripts: Record<string, string>;
		gypfile: boolean;
	};
	for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) assert.equal(scripts[name], undefined);
	assert.equal(gypfile, false);
});

test('the lock file names every optional package of every platform, else npm ci refuses it', () => {
	const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, { optionalDependencies?: object }>;
	};
	const wanted = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
	assert.deepEqual(
		wanted.filter((name) => packages[`node_modules/${name}`] === undefined),
		[],
	);
});

test('publint has no complaints', () => {
	execFileSync(
		process.execPath,
		[join(root, 'node_modules/publint/src/cli.js'), '--strict', '--pack=false', join(folder, 'project/node_modules/nprocs')],
		{ encoding: 'utf8' },
	);
});

test('in a user’s project: without the addon a clear error, then build-native, then it works', () => {
	const project = join(folder, 'project');
	assert.equal(node(project, "import { NprocsError } from 'nprocs'; console.log(NprocsError.name)"), 'NprocsError');
	assert.equal(node(project, "console.log(require('nprocs').NprocsError.name)", 'commonjs'), 'NprocsError');
	assert.match(
		failureOf(() => npx(project, 'nprocs', 'doctor')),
		/addon: .*no native addon.*build-native/s,
	);
	assert.match(npx(project, 'nprocs', 'build-native'), /built and loads/);
	assert.match(npx(project, 'nprocs', 'doctor'), /✔ addon: loads, compiled here/);
});

function npm(cwd: string, ...args: string[]): string {
	return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: environment() });
}

/** `--no-install`: the command must come from the project. */
function npx(cwd: string, ...args: string[]): string {
	return execFileSync('npx', ['--no-install', ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: environment() });
}

function node(cwd: string, program: string, type = 'module'): string {
	return execFileSync(process.execPath, [`--input-type=${type}`, '-e', program], { cwd, encoding: 'utf8' }).trim();
}

function failureOf(action: () => string): string {
	try {
		return `no failure: ${action()}`;
	} catch (error) {
		return (error as { stdout: string }).stdout;
	}
}

/** That of a user, without what an `npm test` around us has set. */
function environment(): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') || name === 'npm_config_nodedir'));
}
