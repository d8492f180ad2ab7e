/**
 * What is published, tried as a user would: packed, installed in an empty project, compiled there, imported. `npm run
 * test:full` tries all settings of all compilers. Time limit: 900 s
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { isFull } from './helpers/full.ts';
import { privatePackage } from './helpers/private-package.ts';

const root = join(import.meta.dirname, '../..');
let folder: string;
let files: string[];

/** Stands for the addons that a release has compiled before it is packed. */
const prebuilt = 'prebuilds/another-platform.node';

before(() => {
	folder = mkdtempSync(join(tmpdir(), 'packaging-'));
	const [packed] = JSON.parse(npm(checkout(), 'pack', '--json', '--pack-destination', folder)) as {
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
		'examples/101-spawn-a-process.ts',
		prebuilt,
	]) {
		assert.ok(files.includes(wanted), `${wanted} is missing`);
	}
	const unwanted = files.filter(
		(path) =>
			/^(build|test|benchmarks|scripts|native\/(build|test)|src|\.ci|node_modules)\//.test(path) ||
			path === 'binding.gyp' ||
			/\.[jt]s\.map$/.test(path),
	);
	assert.deepEqual(unwanted, []);
});

test('links in the README and the docs lead to files, and headings, of the package', () => {
	const pages = files.filter((path) => path.endsWith('.md'));
	for (const page of pages) {
		const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```[^]*?^```/gm, '');
		for (const [, to] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
			if (/^https?:/.test(to!)) continue;
			const [path, heading] = to!.split('#') as [string, string | undefined];
			const target = path === '' ? page : normalize(join(dirname(page), path));
			assert.ok(
				files.some((file) => file === target || file.startsWith(`${target}/`)),
				`${page} links to ${to}, which is not in the package`,
			);
			if (heading !== undefined) assert.ok(headings(target).includes(heading), `${page} links to ${to}, but there is no such heading`);
		}
	}
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

const { folder: compilers, missing } = privatePackage('typescript');
for (const version of ['5.4', '5.8', '6', '7']) {
	// What is newest in `nodenext` is there in the newest compiler.
	for (const module of version === '7' || isFull ? ['node16', 'nodenext'] : ['node16']) {
		test(`TypeScript ${version} with ${module} compiles programs in CommonJS and in ES modules`, { skip: missing }, () => {
			const compilerOptions = {
				module,
				moduleResolution: module,
				target: 'es2022',
				lib: ['es2022'],
				types: ['node'],
				strict: true,
				noEmit: true,
			};
			const settings = join(compilers!, `tsconfig.${version}-${module}.json`);
			writeFileSync(settings, JSON.stringify({ compilerOptions, files: ['commonjs.cts', 'module.mts'] }));
			const tsc = join(compilers!, `node_modules/typescript-${version}/bin/tsc`);
			const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', settings], { encoding: 'utf8' });
			assert.equal(status, 0, stdout);
		});
	}
}

test('in a user’s project: without the addon a clear error, then build-native, then it works', () => {
	const project = join(folder, 'project');
	assert.equal(node(project, "import { NprocsError } from 'nprocs'; console.log(NprocsError.name)"), 'NprocsError');
	assert.equal(node(project, "console.log(require('nprocs').NprocsError.name)", 'commonjs'), 'NprocsError');
	assert.match(
		failureOf(() => nprocs(project, 'doctor')),
		/addon: .*no native addon.*build-native/s,
	);
	assert.match(nprocs(project, 'build-native'), /built and loads/);
	assert.match(nprocs(project, 'doctor'), /✔ addon: loads, compiled here/);
});

/** A copy of what is under version control, whose own scripts build what is packed. */
function checkout(): string {
	const copy = join(folder, 'checkout');
	const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ':!test'], {
		cwd: root,
		encoding: 'utf8',
	})
		.split('\0')
		.filter(Boolean);
	for (const name of tracked) if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name));
	symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
	mkdirSync(join(copy, 'prebuilds'));
	writeFileSync(join(copy, prebuilt), 'an addon');
	return copy;
}

/** As GitHub and npm make anchors of them. */
function headings(page: string): string[] {
	const lines = readFileSync(join(root, page), 'utf8').match(/^#+ .*$/gm) ?? [];
	return lines.map((line) =>
		line
			.replace(/^#+ /, '')
			.toLowerCase()
			.replaceAll(/[^\w\s-]/g, '')
			.replaceAll(' ', '-'),
	);
}

function npm(cwd: string, ...args: string[]): string {
	return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: environment() });
}

/** The command as npm has linked it into the project. */
function nprocs(cwd: string, ...args: string[]): string {
	return execFileSync(join(cwd, 'node_modules/.bin/nprocs'), args, {
		cwd,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
		env: environment(),
	});
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
