/**
 * `nprocs doctor program`: which modules of a program a forkserver can import for all processes, and which it leaves to
 * them, and why.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { programFlags } from '../process/start/program-flags.ts';
import { forForkserver } from '../process/forkserver/boot.ts';
import { getAllStartMethods } from '../process/start/method.ts';
import { UsageError } from './command.ts';
import type { Examined } from './examine.ts';
import type { Finding } from './finding.ts';

export function examineProgram(program: string): Finding[] {
	if (!existsSync(program)) throw new UsageError(`there is no program ${program}.`);
	if (!getAllStartMethods().includes('forkserver')) {
		return [{ what: 'modules', verdict: 'info', detail: 'each process imports them for itself: there is no forkserver here' }];
	}
	const found = new Map<string, Examined>();
	const ending: string[] = [];
	for (let culprit: string | undefined; ; ending.push(culprit)) {
		culprit = examine(pathToFileURL(realpathSync(program)).href, ending, found);
		if (culprit === undefined) return [...found.values()].map(findingOf);
	}
}

/** The module that has ended the process before all were examined. */
function examine(program: string, ending: readonly string[], found: Map<string, Examined>): string | undefined {
	const flags = ['--single-threaded', '--v8-pool-size=1', '--experimental-import-meta-resolve', ...programFlags()];
	const file = fileURLToPath(new URL('examine.js', import.meta.url));
	const { output, error } = spawnSync(process.execPath, [...flags, file, program, JSON.stringify(ending)], {
		stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
		encoding: 'utf8',
		env: { ...forForkserver, ...process.env },
		timeout: limitMs,
		killSignal: 'SIGKILL',
	});
	const lines = (output?.[3] ?? '').split('\n').filter(Boolean);
	let begun: string | undefined;
	for (const line of lines) {
		const examined = JSON.parse(line) as Examined;
		begun = examined.state === 'begun' ? examined.url : undefined;
		if (begun === undefined) found.set(examined.url, examined);
	}
	if (begun === undefined && lines.length === 0) throw error ?? new Error('the modules cannot be examined: the process for that has ended.');
	if (begun !== undefined)
		found.set(begun, { url: begun, state: 'unfit', reason: error === undefined ? 'it ends the process' : 'its import never ends' });
	return begun;
}

const limitMs = 120_000;

function findingOf({ url, state, reason, imports }: Examined): Finding {
	const what = `module ${nameOf(url)}`;
	if (state === 'fit') return { what, verdict: 'ok', detail: 'can be imported ahead of a fork' };
	if (state === 'failed') return { what, verdict: 'warning', detail: `cannot be imported: ${reason}` };
	const detail = `is left to the processes: ${imports === undefined ? reason : `it imports ${nameOf(imports)}`}`;
	return imports === undefined ? { what, verdict: 'warning', detail, advice } : { what, verdict: 'warning', detail };
}

const advice = 'Every start takes as long as its import. Open such things in the target or below isMain, or import the module where it is used.';

/** A package by its name, others by their paths from here. */
function nameOf(url: string): string {
	const path = fileURLToPath(url);
	const inPackages = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
	return inPackages ?? (relative('', path) || path);
}
