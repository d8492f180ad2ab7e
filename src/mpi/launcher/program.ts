/**
 * What a rank runs, from the words that stand on the command line: `program.js args`, `node [flags] program.js args`,
 * `tsx program.ts`, `npx nprocs mpi-pool program.js`. Ranks are Node programs; anything else is an error that says so.
 *
 * TypeScript is Node's own business where it can strip types; elsewhere tsx does it, if the program's project has it.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ArgumentError } from '../../base/errors.ts';
import { nodePath } from '../../process/start/launcher.ts';
import type { ProgramOptions } from './options.ts';

export interface RankProgram {
	/** Absolute, as the user has named it; undefined with `node -e`. */
	readonly file?: string;
	readonly args: readonly string[];
	/** For Node. A rank that needs some is a new Node process. */
	readonly flags: readonly string[];
	readonly node: string;
	/** Absolute. */
	readonly directory: string;
	readonly env: Readonly<Record<string, string>>;
}

/** Throws an ArgumentError when there is no such program, or none that can be a rank. */
export function resolveProgram({ command, directory: given, env }: ProgramOptions): RankProgram {
	const directory = resolve(given ?? '.');
	if (!isDirectory(directory)) throw new ArgumentError(`Cannot start ranks in the directory ${directory}: there is no such directory.`);
	const { node, flags, words } = withoutRunner(command, directory);
	const evaluates = flags.some((flag) => /^(-e|-p|-pe|--eval|--print)(=|$)/.test(flag));
	if (evaluates) return { args: words, flags, node, directory, env };
	const [name, ...args] = words;
	if (name === undefined) throw new ArgumentError(`Which program is to be run? \`${command.join(' ')}\` names none.`);
	const file = findFile(name, directory);
	const needed = isPool(file, args) ? resolveProgram({ count: 1, command: args.slice(1), directory, env }).flags : loaderFor(file, flags);
	return { file, args, flags: [...flags, ...needed], node, directory, env };
}

/** `nprocs mpi-pool program`: what its program needs of Node, the ranks need. */
function isPool(file: string, [command, program = '-']: readonly string[]): boolean {
	return realpathSync(file) === ownCommand && command === 'mpi-pool' && !program.startsWith('-');
}

interface Words {
	readonly node: string;
	readonly flags: readonly string[];
	/** The program's file, and what it is given. */
	readonly words: readonly string[];
}

/** Takes away what only says that Node is to run it. */
function withoutRunner(command: readonly string[], directory: string): Words {
	const own = nodePath();
	const [first = '', ...rest] = command;
	if (isNode(first)) {
		const count = flagWords(rest);
		const words = rest.slice(rest[count] === '--' ? count + 1 : count);
		return { node: first.includes('/') ? resolve(first) : own, flags: rest.slice(0, count), words };
	}
	const [tool = '', ...toolWords] = basename(first) === 'npx' ? rest.slice(rest.findIndex((word) => !word.startsWith('-'))) : command;
	if (basename(tool) === 'nprocs') return { node: own, flags: [], words: [ownCommand, ...toolWords] };
	if (basename(tool) === 'tsx') return { node: own, flags: [`--import=${tsxFor(join(directory, 'program.ts'))}`], words: toolWords };
	return { node: own, flags: [], words: command };
}

/** The `nprocs` command of this very package: another one need not be installed where the program is. */
const ownCommand = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

function isNode(word: string): boolean {
	return /^(node|nodejs)\d*$/.test(basename(word)) || word === process.execPath;
}

/** How many words are Node's own. A value is a word of its own only for some. */
function flagWords(words: readonly string[]): number {
	let at = 0;
	for (; at < words.length && words[at]!.startsWith('-'); at++) {
		if (words[at] === '--') return at;
		if (takeWord.has(words[at]!)) at++;
	}
	return Math.min(at, words.length);
}

const takeWord: ReadonlySet<string> = new Set([
	...['-r', '--require', '--import', '--loader', '--experimental-loader', '-C', '--conditions', '-e', '--eval', '-p', '--print', '-pe'],
	...['--input-type', '--experimental-default-type', '--env-file', '--env-file-if-exists', '--experimental-config-file', '--title'],
	...['--stack-trace-limit', '--icu-data-dir', '--openssl-config', '--redirect-warnings', '--disable-warning', '--unhandled-rejections'],
	...['--diagnostic-dir', '--report-dir', '--report-directory', '--report-filename', '--report-signal', '--heapsnapshot-signal'],
	...['--cpu-prof-dir', '--cpu-prof-name', '--cpu-prof-interval', '--heap-prof-dir', '--heap-prof-name', '--heap-prof-interval'],
	...['--trace-event-categories', '--trace-event-file-pattern', '--inspect-port', '--debug-port', '--disable-proto', '--localstorage-file'],
	...['--allow-fs-read', '--allow-fs-write', '--dns-result-order', '--tls-cipher-list', '--tls-keylog', '--max-http-header-size'],
	...['--heapsnapshot-near-heap-limit', '--secure-heap', '--secure-heap-min', '--v8-pool-size', '--snapshot-blob'],
]);

/** As `node name` finds it: relative to the ranks' directory, or to the launcher's. */
function findFile(name: string, directory: string): string {
	for (const folder of new Set([directory, process.cwd()])) {
		const path = resolve(folder, name);
		const found = [path, `${path}.js`, `${path}.cjs`, `${path}.json`].find((candidate) => isFile(candidate)) ?? packageIn(path);
		if (found !== undefined) return checkLanguage(found);
	}
	throw new ArgumentError(
		`Cannot find the program ${name} in ${directory}. Ranks of this launcher are Node programs: \`nprocs mpiexec -n 4 [node [flags]] program.js args…\`.`,
	);
}

function packageIn(path: string): string | undefined {
	if (!isDirectory(path)) return undefined;
	try {
		return createRequire(join(path, 'x.js')).resolve(path);
	} catch {
		return undefined;
	}
}

function checkLanguage(path: string): string {
	const other = { '.py': 'Python', '.sh': 'a shell', '.c': 'a compiler', '.jl': 'Julia' }[/\.\w+$/.exec(path)?.[0] ?? ''];
	if (other === undefined) return path;
	throw new ArgumentError(
		`Cannot run ${path} on a rank: it is a program for ${other}, and ranks of this launcher are Node programs. Jobs of several languages run under the mpiexec of Open MPI or MPICH.`,
	);
}

/** What Node needs to understand the program. */
function loaderFor(file: string, flags: readonly string[]): string[] {
	if (!/\.[cm]?tsx?$/.test(file) || understandsTypes(file)) return [];
	const hasLoader = flags.some((flag) =>
		/^(--import|--loader|--experimental-loader|-r|--require|--experimental-(strip|transform)-types)(=|$)/.test(flag),
	);
	return hasLoader ? [] : [`--import=${tsxFor(file)}`];
}

function understandsTypes(file: string): boolean {
	const { typescript } = process.features as { typescript?: string | false };
	return typeof typescript === 'string' && !file.endsWith('.tsx');
}

/** The URL of tsx as the program's project has it. */
function tsxFor(file: string): string {
	for (const from of [file, join(process.cwd(), 'x.js')]) {
		try {
			return pathToFileURL(createRequire(from).resolve('tsx')).href;
		} catch {
			// perhaps from the other place
		}
	}
	throw new ArgumentError(
		`Cannot run ${file}: Node ${process.version} does not run TypeScript, and tsx is not installed. Install it (\`npm install --save-dev tsx\`), compile the program, or use Node 22.18 or newer.`,
	);
}

function isFile(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isDirectory(path: string): boolean {
	return existsSync(path) && statSync(realpathSync(path)).isDirectory();
}
