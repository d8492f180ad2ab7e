/**
 * `nprocs build-native`: compiles the addon where it stands, with node-gyp. The project's own build uses it too.
 *
 * Nothing is downloaded where it can be avoided: node-gyp is the project's own or the one inside npm, the headers are
 * those that are installed beside Node. Only where those are missing node-gyp fetches them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Call, Command } from './command.ts';

export const command: Command = {
	usage: '[--clean]',
	help: `
Compiles native/ to native/build/Release/nprocs.node, which is preferred to a prebuilt addon.
Needs a C++17 compiler, make and Python 3 (Debian: apt-get install g++ make python3).

  --clean   compile everything anew`,
	options: { clean: { type: 'boolean' } },
	run: buildNative,
};

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));
/** The library's own, and the one that opens an installed MPI. */
const addonPaths = ['nprocs.node', 'nprocs_mpi.node'].map((name) => join(packageFolder, 'native/build/Release', name));

function buildNative({ options }: Call): number {
	const missing = missingTools();
	if (missing.length > 0) {
		console.error(`nprocs: cannot compile the addon: ${missing.join(', ')} not found. On Debian: apt-get install g++ make python3`);
		return 1;
	}
	const steps = options['clean'] === true ? ['rebuild'] : ['configure', 'build'];
	for (const step of steps) {
		const status = runNodeGyp([step, '-C', join(packageFolder, 'native'), '--loglevel=error', ...headerArguments()]);
		if (status !== 0) {
			console.error(
				`nprocs: \`node-gyp ${step}\` failed; its own messages stand above. \`npx nprocs doctor\` shows what was found on this machine.`,
			);
			return 1;
		}
	}
	return checkThatItLoads();
}

function missingTools(): string[] {
	const compilers = process.env['CXX'] === undefined ? ['g++', 'c++', 'clang++'] : [process.env['CXX'].split(' ')[0]!];
	const wanted = [compilers, ['make', 'gmake'], process.env['PYTHON'] === undefined ? ['python3', 'python'] : [process.env['PYTHON']]];
	return wanted.filter((names) => !names.some(isCommand)).map((names) => names[0]!);
}

function isCommand(name: string): boolean {
	return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

function runNodeGyp(args: readonly string[]): number {
	const path = findNodeGyp();
	const { status, error } =
		path === undefined
			? spawnSync('npx', ['--yes', 'node-gyp', ...args], { stdio: 'inherit' })
			: spawnSync(process.execPath, [path, ...args], { stdio: 'inherit' });
	if (error !== undefined) console.error(`nprocs: cannot start node-gyp: ${error.message}. Install it with \`npm install node-gyp\`.`);
	return status ?? 1;
}

/**
 * As a dependency of this package or of the project around it, or inside the npm that runs us or that came with Node.
 */
function findNodeGyp(): string | undefined {
	try {
		return createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
	} catch {
		const npmFolders = [join(dirname(realpathSync(process.execPath)), '../lib/node_modules/npm')];
		if (process.env['npm_execpath'] !== undefined) npmFolders.unshift(join(dirname(process.env['npm_execpath']), '..'));
		return npmFolders.map((folder) => join(folder, 'node_modules/node-gyp/bin/node-gyp.js')).find((path) => existsSync(path));
	}
}

/** An explicit `nodedir` of the user's npm configuration reaches node-gyp by itself. */
function headerArguments(): string[] {
	if (process.env['npm_config_nodedir'] !== undefined) return [];
	const prefix = join(dirname(realpathSync(process.execPath)), '..');
	const hasHeaders = ['node_api.h', 'uv.h', 'common.gypi'].every((name) => existsSync(join(prefix, 'include/node', name)));
	return hasHeaders ? [`--nodedir=${prefix}`] : [];
}

/** In a process of its own: a broken addon may crash, and this one may have an older build of it loaded. */
function checkThatItLoads(): number {
	for (const path of addonPaths) {
		const { status, signal, stderr } = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', path], { encoding: 'utf8' });
		if (status === 0) continue;
		console.error(`nprocs: the addon was built but does not load (${signal ?? `exit code ${status}`}): ${path}\n${stderr}`);
		return 1;
	}
	console.log(`nprocs: the addon is built and loads: ${addonPaths[0]!}`);
	return 0;
}
