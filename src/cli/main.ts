#!/usr/bin/env node
/**
 * The `nprocs` command. Exit codes: 0 success, 1 failure, 2 wrong call; `run` and `mpiexec` pass on their program's
 * own.
 *
 * A new command is one line in `commands` and one file beside this one that exports `command`.
 */
import { parseArgs } from 'node:util';
import { NprocsError } from '../base/errors.ts';
import { helpText, UsageError, version, type Command } from './command.ts';

interface Entry {
	readonly summary: string;
	load(): Promise<{ command: Command }>;
}

const commands: Readonly<Record<string, Entry>> = {
	doctor: {
		summary: 'look whether nprocs works on this machine, and why not',
		load: () => import('./doctor.ts'),
	},
	'build-native': { summary: 'compile the native addon on this machine', load: () => import('./build-native.ts') },
	ps: { summary: 'list the processes that use shared objects', load: () => import('./ps.ts') },
	locks: { summary: 'list locks, who holds them and who waits', load: () => import('./locks.ts') },
	shm: { summary: 'list the segments in /dev/shm', load: () => import('./shm.ts') },
	gc: { summary: 'remove segments that killed processes left', load: () => import('./gc.ts') },
	run: {
		summary: 'run a program so that it may use the start method fork',
		load: () => import('./run.ts'),
	},
	'mpi-pool': { summary: 'run a program whose MPIPoolExecutor uses the other ranks', load: () => import('./mpi-pool.ts') },
	mpiexec: { summary: 'run an MPI program on several ranks of this machine', load: () => import('./mpiexec.ts') },
};

void main(process.argv.slice(2)).then((code) => {
	process.exitCode = code;
});

async function main([name, ...rest]: readonly string[]): Promise<number> {
	try {
		if (name === undefined) return print(help(), 2);
		if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) return print(help());
		if (name === '--version' || name === '-v') return print(version());
		if (name === 'help') return print(await helpFor(rest[0]!));
		return await runCommand(name, rest);
	} catch (error) {
		if (!(error instanceof UsageError || error instanceof NprocsError)) throw error;
		console.error(`nprocs: ${error.message}`);
		return error instanceof UsageError ? 2 : 1;
	}
}

async function runCommand(name: string, rest: readonly string[]): Promise<number> {
	const command = await load(name);
	if (command.parsesItself === true) {
		if (['--help', '-h'].includes(rest[0]!)) return print(await helpFor(name));
		return command.run({ options: {}, positionals: rest });
	}
	const { own, programs } = command.endsAtProgram === true ? splitAtProgram(command, rest) : { own: rest, programs: [] };
	const { values, positionals } = parse(name, command, own);
	if (values['help'] === true) return print(await helpFor(name));
	return command.run({ options: values, positionals: [...positionals, ...programs] });
}

async function load(name: string): Promise<Command> {
	const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
	if (entry === undefined) throw new UsageError(`there is no command "${name}". \`nprocs help\` lists them.`);
	return (await entry.load()).command;
}

function parse(name: string, command: Command, args: readonly string[]): ReturnType<typeof parseArgs> {
	try {
		return parseArgs({ args: [...args], options: { ...command.options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
	} catch (error) {
		throw new UsageError(`${(error as Error).message.split(/\.?\n|\. To /, 1)[0]}. See \`nprocs help ${name}\`.`);
	}
}

/** The program's own options must not be taken for ours: ours stand before its name. */
function splitAtProgram(command: Command, args: readonly string[]): { own: readonly string[]; programs: readonly string[] } {
	for (let i = 0; i < args.length; i++) {
		const arg = args[i]!;
		if (arg === '--') return { own: args.slice(0, i), programs: args.slice(i + 1) };
		if (!arg.startsWith('-')) return { own: args.slice(0, i), programs: args.slice(i) };
		if (takesValue(command, arg)) i++;
	}
	return { own: args, programs: [] };
}

function takesValue(command: Command, arg: string): boolean {
	return Object.entries(command.options).some(([name, option]) => {
		return option.type === 'string' && (arg === `--${name}` || (option.short !== undefined && arg === `-${option.short}`));
	});
}

function help(): string {
	const width = Math.max(...Object.keys(commands).map((name) => name.length));
	const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
	return ['Usage: nprocs <command> [options]', '', ...rows, '', '`nprocs help <command>` says more. `nprocs --version` prints the version.'].join(
		'\n',
	);
}

async function helpFor(name: string): Promise<string> {
	return helpText(name, await load(name));
}

function print(text: string, code = 0): number {
	(code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
	return code;
}
