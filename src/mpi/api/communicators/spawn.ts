/**
 * `Spawn()`, `Spawn_multiple()`, `Accept()` and `Connect()`. What they are given counts on the root alone: the other
 * ranks may give anything.
 */
import { anArray, checkArgument } from '../../../base/arguments.ts';
import { ERR_ARG } from '../../constants.ts';
import type { SpawnedProgram } from '../../engine/jobs.ts';
import { check, fail } from '../arguments/check.ts';
import { keywordsOr } from '../arguments/keywords.ts';
import { anInt } from '../arguments/numbers.ts';
import { nameText, text, textList } from '../arguments/texts.ts';
import { entriesOf, type Info } from '../environment/info.ts';
import { engine } from '../environment/lifecycle.ts';
import type { CommBase } from './comm-base.ts';

/** mpi4py's keyword arguments. */
export interface SpawnOptions {
	/** Of the command. @default none */
	readonly args?: string | readonly string[] | null;
	/** How many processes. @default 1 */
	readonly maxprocs?: number;
	readonly info?: Info | null;
	/** The rank whose arguments count. @default 0 */
	readonly root?: number;
	/** On the root: an error code for each process is put into it. */
	readonly errcodes?: number[] | null;
}

/** mpi4py's keyword arguments; lists have an item for each command. */
export interface SpawnMultipleOptions {
	/** @default none */
	readonly args?: readonly (string | readonly string[])[] | null;
	/** @default 1 of each */
	readonly maxprocs?: readonly number[] | null;
	/** One for all, or a list. */
	readonly info?: Info | readonly (Info | null)[] | null;
	/** The rank whose arguments count. @default 0 */
	readonly root?: number;
	/** On the root: a list for each command is put into it, with an error code for each of its processes. */
	readonly errcodes?: number[][] | null;
}

/** mpi4py's keyword arguments of `Accept()` and `Connect()`. */
export interface PortOptions {
	readonly info?: Info | null;
	/** The rank whose arguments count. @default 0 */
	readonly root?: number;
}

interface Spawning {
	readonly root: number | undefined;
	/** On the root. */
	readonly programs: () => SpawnedProgram[];
	/** On the root: told the processes' error codes, a list for each program. */
	readonly tell: (codes: number[][]) => unknown;
}

/** The handle of the intercommunicator with the processes that are started. */
export function spawn(comm: CommBase, { root = 0, programs, tell }: Spawning): number {
	comm.checkRoot(root);
	const isRoot = comm.rank === root;
	const started = isRoot ? programs() : [];
	const counts = started.map(({ maxprocs }) => maxprocs);
	const codes = isRoot ? new Int32Array(counts.reduce((sum, count) => sum + count, 0)) : null;
	const code = engine().spawn(comm.living(), root, started, codes);
	const joined = engine().out[0]!;
	let place = 0;
	if (codes !== null) tell(counts.map((count) => [...codes.subarray(place, (place += count))]));
	check(code, comm);
	return joined;
}

/** The handle of the intercommunicator with the job that is met at the port. */
export function meet(
	owner: 'Accept()' | 'Connect()',
	comm: CommBase,
	{ port, info, root }: { port: string; info: Info | PortOptions | null; root: number },
): number {
	const positional = { info: info as Info | null, root };
	const given = keywordsOr<PortOptions>({ owner, first: info, positional, defaults: { info: null, root: 0 } });
	const which = given.root ?? 0;
	comm.checkRoot(which);
	const [name, entries] = comm.rank === which ? [nameText(port, 'port_name'), entriesOf(given.info)] : ['', []];
	const handle = comm.living();
	check(owner === 'Accept()' ? engine().commAccept(handle, which, name, entries) : engine().commConnect(handle, which, name, entries), comm);
	return engine().out[0]!;
}

export function programFrom(command: unknown, { args, maxprocs, info }: SpawnOptions): SpawnedProgram {
	return {
		command: nameText(command, 'command'),
		args: typeof args === 'string' ? [text(args, 'args')] : textList(args ?? [], 'args'),
		maxprocs: anInt(maxprocs ?? 1, { name: 'maxprocs', least: 1 }),
		info: entriesOf(info),
	};
}

export function programsFrom(commands: unknown, { args, maxprocs, info }: SpawnMultipleOptions): SpawnedProgram[] {
	const names = textList(commands, 'command');
	if (names.length === 0) fail(ERR_ARG, '`command` is empty: there must be one command at least.');
	const [ofArgs, ofCounts] = [listFor(names, args ?? undefined, 'args'), listFor(names, maxprocs ?? undefined, 'maxprocs')];
	const infos = Array.isArray(info) ? listFor(names, info as readonly (Info | null)[], 'info') : names.map(() => info as Info | null);
	return names.map((name, i) => programFrom(name, { args: ofArgs[i] ?? null, maxprocs: ofCounts[i] ?? 1, info: infos[i] ?? null }));
}

/** Where error codes go: undefined where none are wanted. */
export function errorCodeList<T>(errcodes: unknown): T[] | undefined {
	if (errcodes === undefined || errcodes === null) return undefined;
	checkArgument('`errcodes`', errcodes, anArray);
	return errcodes as T[];
}

function listFor<T>(commands: readonly string[], list: readonly T[] | undefined, name: string): readonly (T | undefined)[] {
	if (list === undefined) return commands.map(() => undefined);
	checkArgument(`\`${name}\``, list, anArray);
	if (list.length !== commands.length)
		fail(ERR_ARG, `\`${name}\` has ${list.length} items, \`command\` has ${commands.length}: each needs its counterpart.`);
	return list;
}
