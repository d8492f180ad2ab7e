/**
 * A child's environment, as a change of the one that its forkserver has.
 *
 * Reading the whole of `process.env` costs some microseconds for each variable, and most programs never change it: so
 * as long as the addon sees the same environment, the change is the one of the start before.
 */
import { types } from 'node:util';
import { aTextWithoutZero, checkArgument } from '../../base/arguments.ts';
import { ArgumentError } from '../../base/errors.ts';
import { addon } from '../../native/addon.ts';
import { isMainThread } from '../../native/main-thread.ts';
import { isStartedByLauncher } from './mpi-launchers.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentChange {
	readonly set: Readonly<Record<string, string>>;
	readonly unset: readonly string[];
}

/**
 * Throws an ArgumentError that names the variable when no process could have this environment: the kernel knows it as
 * texts `name=value` that end with a zero byte.
 */
export function checkEnvironment(env: Environment): void {
	if (env === process.env && isOwn(env)) return;
	for (const [name, value] of Object.entries(env)) {
		if (value === undefined) continue;
		if (name === '' || /[=\0]/.test(name)) {
			throw new ArgumentError(
				`Expected the names in \`env\` of new Process() not to be empty and to have no "=" and no zero byte, got ${JSON.stringify(name)}.`,
			);
		}
		checkArgument(`${name} in \`env\` of new Process()`, value, aTextWithoutZero);
	}
}

/** How `env` differs from `base`, which nobody changes. */
export function environmentChange(base: Environment, env: Environment): EnvironmentChange {
	if (env !== process.env || !isOwn(env)) return compare(base, env);
	const stamp = addon().environmentStamp();
	if (last?.base !== base || last.stamp !== stamp) last = { base, stamp, change: compare(base, env) };
	return last.change;
}

/** In the child. */
export function applyEnvironment({ set, unset }: EnvironmentChange): void {
	for (const name of unset) delete process.env[name];
	Object.assign(process.env, set);
	leaveMpiJob();
}

/**
 * A process that a rank of an MPI starts is no rank: with what the launcher has put into the environment, an MPI in it
 * would take itself for one, and fail or disturb the job. Nobody else is told so, since a program may look at these
 * variables in the rank itself.
 */
function leaveMpiJob(): void {
	if (!isStartedByLauncher()) return;
	for (const name of Object.keys(process.env)) if (launcherVariables.test(name)) delete process.env[name];
}

const launcherVariables = /^(OMPI_(?!ALLOW_RUN_AS_ROOT|MCA_)|PMIX_|PMI_|ORTE_|PRTE_(?!ALLOW_RUN_AS_ROOT)|OPAL_|HYDI_|HYDRA_|MPI_LOCAL|MPIR_CVAR_CH3)/;

let last: { readonly base: Environment; readonly stamp: number; readonly change: EnvironmentChange } | undefined;

function compare(base: Environment, env: Environment): EnvironmentChange {
	const set: Record<string, string> = {};
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && base[name] !== value) set[name] = value;
	}
	return { set, unset: Object.keys(base).filter((name) => env[name] === undefined) };
}

let looked: { readonly env: Environment; readonly isOwn: boolean } | undefined;

/**
 * Whether it is the process's own environment, and not an object that a test runner has put in its place, or the copy
 * that a thread has.
 */
function isOwn(env: Environment): boolean {
	if (looked?.env !== env) looked = { env, isOwn: isMainThread() && !types.isProxy(env) && takesNoSymbol(env) };
	return looked.isOwn;
}

/** Node's own object throws; any other takes it, or does nothing. */
function takesNoSymbol(env: Environment): boolean {
	const symbol = Symbol('a key');
	try {
		if (Reflect.set(env, symbol, '')) Reflect.deleteProperty(env, symbol);
		return false;
	} catch {
		return true;
	}
}
