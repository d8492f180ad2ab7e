/**
 * The options of `nprocs mpiexec`: those that people have in their scripts for Open MPI and MPICH. One dash or two is
 * the same here, as in both, and a value is the next word or stands behind `=`. What has a meaning only on several
 * machines, or for real MPIs, is accepted and ignored; what nobody knows is an error.
 *
 * The options end at the program; `:` begins the next program, with options of its own.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { ArgumentError } from '../../base/errors.ts';
import { mostRanks } from '../job-place.ts';

export interface JobOptions {
	readonly programs: readonly ProgramOptions[];
	/** Lines of output begin with the rank. */
	readonly tagsOutput: boolean;
	/** Where the timeline goes. */
	readonly trace?: string;
	/** In seconds. */
	readonly timeout?: number;
	/** Nothing is run: this was asked for. */
	readonly shows?: 'help' | 'version';
}

export interface ProgramOptions {
	/** How many ranks run it. */
	readonly count: number;
	/** As given; relative to the launcher's directory. */
	readonly directory?: string;
	readonly env: Readonly<Record<string, string>>;
	/** The program and what it is given, never empty. */
	readonly command: readonly string[];
}

/** Throws an ArgumentError that says what is wrong. */
export function parseJob(words: readonly string[], environment: NodeJS.ProcessEnv = process.env): JobOptions {
	const job: Draft = { tagsOutput: false, env: {} };
	const programs: ProgramOptions[] = [];
	for (const part of splitAtColons(words)) {
		const program: ProgramDraft = { env: {}, command: [] };
		parsePart(part, { job, program, environment });
		if (job.shows !== undefined) return { programs: [], tagsOutput: false, shows: job.shows };
		programs.push(complete(program));
	}
	const withGlobal = programs.map((program) => ({ ...program, env: { ...job.env, ...program.env } }));
	const { tagsOutput, trace, timeout } = job;
	return { programs: withGlobal, tagsOutput, ...(trace !== undefined && { trace }), ...(timeout !== undefined && { timeout }) };
}

interface Draft {
	tagsOutput: boolean;
	trace?: string;
	timeout?: number;
	shows?: 'help' | 'version';
	/** For all programs. */
	env: Record<string, string>;
}

interface ProgramDraft {
	count?: number;
	directory?: string;
	env: Record<string, string>;
	command: readonly string[];
}

interface Drafts {
	readonly job: Draft;
	readonly program: ProgramDraft;
	readonly environment: NodeJS.ProcessEnv;
}

interface Option {
	readonly names: readonly string[];
	/** Its values, as the help shows them. */
	readonly values: readonly string[];
	readonly help?: string;
	apply(drafts: Drafts, values: readonly string[], name: string): void;
}

const options: readonly Option[] = [
	{
		names: ['n', 'np', 'c'],
		values: ['N'],
		help: 'start N ranks',
		apply: ({ program }, [n = ''], name) => (program.count = wholeNumber(n, name)),
	},
	{
		names: ['x', 'env'],
		values: ['NAME[=VALUE]'],
		help: 'set an environment variable (also -env NAME VALUE, and -genv for all programs)',
		apply: ({ program, environment }, [text = '']) => Object.assign(program.env, assignment(text, environment)),
	},
	{ names: ['genv'], values: ['NAME', 'VALUE'], apply: ({ job }, [name = '', value = '']) => void (job.env[name] = value) },
	{
		names: ['wdir', 'wd', 'workdir'],
		values: ['DIR'],
		help: 'start the ranks in this directory',
		apply: ({ program }, [directory = '']) => (program.directory = directory),
	},
	{
		names: ['tag-output', 'prepend-rank', 'l'],
		values: [],
		help: 'begin each line of output with its rank: `[1] text`',
		apply: ({ job }) => (job.tagsOutput = true),
	},
	{
		names: ['trace'],
		values: ['FILE'],
		help: 'write a timeline of every MPI call, to be opened in ui.perfetto.dev',
		apply: ({ job }, [file = '']) => (job.trace = file),
	},
	{
		names: ['timeout'],
		values: ['SECONDS'],
		help: 'end the job after this time, with exit code 124',
		apply: ({ job }, [seconds = ''], name) => (job.timeout = positiveNumber(seconds, name)),
	},
	{ names: ['host', 'H', 'hosts'], values: ['HOST'], apply: (_, [hosts = '']) => checkHosts(hosts.split(',')) },
	{
		names: ['hostfile', 'machinefile', 'f', 'default-hostfile'],
		values: ['FILE'],
		apply: (_, [file = '']) => checkHosts(hostsIn(file)),
	},
	{ names: ['output'], values: ['KIND'], apply: ({ job }, [kind = '']) => (job.tagsOutput ||= /\btag\b/.test(kind)) },
	{ names: ['help', 'h'], values: [], apply: ({ job }) => (job.shows ??= 'help') },
	{ names: ['version', 'V'], values: [], apply: ({ job }) => (job.shows ??= 'version') },
];

/** Names of options that are accepted and ignored, by how many values they take. */
const ignored: readonly (readonly string[])[] = [
	[
		...['oversubscribe', 'nooversubscribe', 'allow-run-as-root', 'q', 'quiet', 'v', 'verbose', 'd', 'debug-devel', 'envall', 'genvall'],
		...['use-hwthread-cpus', 'report-bindings', 'display-map', 'display-allocation', 'display-topo', 'nolocal', 'pernode', 'persocket'],
		...[
			'bind-to-core',
			'bind-to-socket',
			'bind-to-none',
			'bycore',
			'byslot',
			'bynode',
			'bysocket',
			'xterm',
			'novm',
			'enable-recovery',
			'exitcodes',
		],
	],
	[
		...['bind-to', 'map-by', 'rank-by', 'N', 'npernode', 'npersocket', 'ppn', 'perhost', 'cpus-per-proc', 'cpus-per-rank', 'cpu-set', 'cpu-list'],
		...['am', 'tune', 'prefix', 'envlist', 'genvlist', 'iface', 'rmk', 'launcher', 'bootstrap', 'display', 'pmixam', 'slot-list'],
	],
	['mca', 'gmca', 'omca', 'gomca', 'pmca', 'prtemca', 'pmixmca', 'gpmixmca'],
];

/** What the user can be told. */
export function optionsHelp(): string {
	const rows = options
		.filter(({ help }) => help !== undefined)
		.map(({ names, values, help }) => [[spelled(names[0]!), ...values].join(' '), help!]);
	const width = Math.max(...rows.map(([left]) => left!.length));
	return rows.map(([left, help]) => `  ${left!.padEnd(width)}  ${help}`).join('\n');
}

/** `-n`, `--trace`. */
function spelled(name: string): string {
	return `${name.length === 1 ? '-' : '--'}${name}`;
}

function splitAtColons(words: readonly string[]): string[][] {
	const parts: string[][] = [[]];
	for (const word of words) {
		if (word === ':') parts.push([]);
		else parts.at(-1)!.push(word);
	}
	return parts;
}

function parsePart(words: readonly string[], drafts: Drafts): void {
	for (let at = 0; at < words.length;) {
		const word = words[at]!;
		if (!word.startsWith('-') || word === '-') return void (drafts.program.command = words.slice(at));
		if (word === '--') return void (drafts.program.command = words.slice(at + 1));
		at += 1 + applyOption(word, words.slice(at + 1), drafts);
		if (drafts.job.shows !== undefined) return;
	}
}

/** How many of the words that follow were its values. */
function applyOption(word: string, following: readonly string[], drafts: Drafts): number {
	const [, name = '', ownValue] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word)!;
	// MPICH's -env has two words where Open MPI's -x has one.
	if (name === 'env' && ownValue === undefined && following[0]?.includes('=') === false) {
		const [variable = '', value] = following;
		if (value === undefined) throw new ArgumentError(`The option ${word} needs a name and a value: ${word} NAME VALUE.`);
		drafts.program.env[variable] = value;
		return 2;
	}
	const option = options.find(({ names }) => names.includes(name));
	const valueCount = option?.values.length ?? ignored.findIndex((names) => names.includes(name));
	if (valueCount < 0) throw unknown(word);
	const values = ownValue === undefined ? following.slice(0, valueCount) : [ownValue, ...following.slice(0, valueCount - 1)];
	if (valueCount === 0 && ownValue !== undefined) throw new ArgumentError(`The option ${spelled(name)} takes no value, got '${ownValue}'.`);
	if (values.length < valueCount) throw new ArgumentError(`The option ${word} needs ${valueCount === 1 ? 'a value' : `${valueCount} values`}.`);
	option?.apply(drafts, values, word);
	return valueCount - (ownValue === undefined ? 0 : 1);
}

function unknown(word: string): ArgumentError {
	const known = options.flatMap(({ names }) => names).map(spelled);
	const accepted = ignored.flat().map(spelled);
	return new ArgumentError(
		`There is no option ${word}. Options are ${known.join(', ')}; these are accepted and do nothing here: ${accepted.join(', ')}. \`nprocs help mpiexec\` says more.`,
	);
}

function complete({ count = 1, directory, env, command }: ProgramDraft): ProgramOptions {
	if (command.length === 0) throw new ArgumentError('Which program is to be run? `nprocs mpiexec -n 4 program.js args…`');
	return { count, env, command, ...(directory !== undefined && { directory }) };
}

function wholeNumber(text: string, option: string): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < 1 || value > mostRanks) {
		throw new ArgumentError(`Expected the option ${option} to be a number of ranks from 1 to ${mostRanks}, got '${text}'.`);
	}
	return value;
}

function positiveNumber(text: string, option: string): number {
	const value = Number(text);
	if (text.trim() === '' || !(value > 0 && value < Infinity))
		throw new ArgumentError(`Expected the option ${option} to be a number of seconds above 0, got '${text}'.`);
	return value;
}

/** `NAME` passes on what it is here, which ranks have anyway; `NAME=VALUE` sets it. */
function assignment(text: string, environment: NodeJS.ProcessEnv): Record<string, string> {
	const at = text.indexOf('=');
	const name = at < 0 ? text : text.slice(0, at);
	if (name === '') throw new ArgumentError(`Expected an environment variable as NAME or NAME=VALUE, got '${text}'.`);
	const value = at < 0 ? environment[name] : text.slice(at + 1);
	return value === undefined ? {} : { [name]: value };
}

/** Ranks run on this machine, so other names are refused: the user would believe that they run there. */
function checkHosts(given: readonly string[]): void {
	const own = new Set(['localhost', '127.0.0.1', '::1', hostname(), hostname().split('.', 1)[0]]);
	const other = given.map((host) => host.trim().replace(/:\d+$/, '')).find((host) => host !== '' && !own.has(host));
	if (other === undefined) return;
	throw new ArgumentError(
		`Cannot start ranks on the machine '${other}': this launcher starts them on its own one only. For several machines, start the same program by the mpiexec of Open MPI or MPICH.`,
	);
}

function hostsIn(file: string): string[] {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		throw new ArgumentError(`Cannot read the host file ${file}: ${(error as Error).message}.`, { cause: error });
	}
	return text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s/, 1)[0]!);
}
