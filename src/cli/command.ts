/** What a subcommand of `nprocs` is. Each lives in a file of its own and is loaded only when it is asked for. */
import { readFileSync } from 'node:fs';
import type { ParseArgsConfig } from 'node:util';

export interface Command {
	/** What follows the command's name in the usage line: `[--json]`, `program [args…]`. */
	readonly usage: string;
	/** The lines of `nprocs help command` below the usage line. */
	readonly help: string;
	/** As `node:util`'s parseArgs takes them. `--help` is added to all. */
	readonly options: NonNullable<ParseArgsConfig['options']>;
	/** Everything after the first positional argument belongs to a program that the command starts. @default false */
	readonly endsAtProgram?: boolean;
	/**
	 * Its options are not as parseArgs takes them: all words are given as positional arguments, but for a first
	 * `--help`. @default false
	 */
	readonly parsesItself?: boolean;
	/** Returns the exit code: 0 for success, 1 for a failure, 2 for a wrong call. */
	run(call: Call): number | Promise<number>;
}

export interface Call {
	readonly options: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
	readonly positionals: readonly string[];
}

/** Throw it for a wrong call: printed without a stack, exit code 2. */
export class UsageError extends Error {}

export function helpText(name: string, { usage, help }: Command): string {
	return `Usage: nprocs ${name}${usage === '' ? '' : ` ${usage}`}\n\n${help.trim()}`;
}

/** Of this package. */
export function version(): string {
	const packageJson = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
	return (JSON.parse(packageJson) as { version: string }).version;
}
