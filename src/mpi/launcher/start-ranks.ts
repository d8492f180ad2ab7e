/**
 * Starts the ranks of a job. The forkserver is asked for all of them before the first answer is awaited: one by one, on
 * two busy processors, 64 ranks would take longer to start than most jobs run. It has loaded the library before, so a
 * rank begins with its program's own code.
 */
import { encode } from '../../codec/encode.ts';
import { trace } from '../../base/trace.ts';
import { programKeyText } from '../../process/authkey.ts';
import { processState } from '../../process/current.ts';
import { forkserverLauncher, prepareForkserver } from '../../process/forkserver/launcher.ts';
import { ChildControl, controlPair, receiveDescriptors, sendDescriptors } from '../../process/start/control.ts';
import type { ChildHandle } from '../../process/start/child-handle.ts';
import { checkEnvironment } from '../../process/start/environment.ts';
import { needsNewNode } from '../../process/start/instruments.ts';
import { nodePath, type Launch } from '../../process/start/launcher.ts';
import { getStartMethod } from '../../process/start/method.ts';
import { requirePidFd } from '../../process/start/pidfd.ts';
import type { StartRequest } from '../../process/start/request.ts';
import { closeAll } from '../../native/descriptor.ts';
import { descriptorsOf, ticketsOf } from '../../memory/descriptors.ts';
import { JobFile } from './job-file.ts';
import { spawnRank, type RankStart } from './spawn-rank.ts';
import type { RankProgram } from './program.ts';

/**
 * Where ranks are forked, what the forkserver imports for them; it does so while the launcher has other things to do.
 */
export function prepareToStart(programs: readonly RankProgram[]): void {
	requirePidFd();
	processState().preload = [rankModule];
	if (programs.some((program) => canBeForked(program))) prepareForkserver();
}

/** All of them, or none. */
export function startRanks(starts: readonly Omit<RankStart, 'control'>[]): ChildHandle[] {
	const pairs = starts.map(() => controlPair());
	const full = starts.map((start, i): RankStart => ({ ...start, control: pairs[i]![1] }));
	const ends = pairs.map(([fd]): ControlEnd => ({ fd, control: new ChildControl(fd) }));
	const controls = ends.map(({ control }) => control);
	try {
		const handles = launchAll(full, ends);
		for (const [i, handle] of handles.entries()) handle.onExit(() => controls[i]!.close());
		return handles;
	} catch (error) {
		for (const control of controls) control.close();
		throw error;
	} finally {
		closeAll(pairs.map(([, theirs]) => theirs));
	}
}

/** The launcher's end of a rank's control socket. */
interface ControlEnd {
	readonly fd: number;
	readonly control: ChildControl;
}

function launchAll(starts: readonly RankStart[], ends: readonly ControlEnd[]): ChildHandle[] {
	const forkable = starts.filter(({ program }) => canBeForked(program));
	const forked = new Map(forkAll(forkable, ends).map((handle, i) => [forkable[i]!, handle]));
	const handles: ChildHandle[] = [];
	try {
		for (const start of starts) handles.push(forked.get(start) ?? spawnRank(start));
		return handles;
	} catch (error) {
		for (const handle of new Set([...handles, ...forked.values()])) handle.signal(9);
		throw error;
	}
}

/** None, where the forkserver turns out not to work here. */
function forkAll(starts: readonly RankStart[], ends: readonly ControlEnd[]): ChildHandle[] {
	if (starts.length === 0) return [];
	try {
		return forkserverLauncher.launchAll(starts.map((start) => launchOf(start, ends[start.place.rank]!)));
	} catch (error) {
		if ((error as { code?: string }).code !== 'ERR_NPROCS_FORKSERVER_UNUSABLE') throw error;
		trace('%s; starting ranks by spawn', error);
		for (const { control } of starts) closeAll(receiveDescriptors(control, 1)); // a spawned rank has it elsewhere
		return [];
	}
}

function canBeForked({ file, flags, node, env }: RankProgram): boolean {
	const environment = { ...process.env, ...env };
	checkEnvironment(environment);
	return file !== undefined && flags.length === 0 && node === nodePath() && !needsNewNode(environment) && getStartMethod() === 'forkserver';
}

/** Importing it has no side effect. */
const rankModule = new URL('./rank-main.js', import.meta.url).href;

function launchOf({ place, program, isPiped, stdin, stdout, stderr, control }: RankStart, own: ControlEnd): Launch {
	const { file, args, directory, env } = program;
	const { bytes: values, handles } = encode({ args: [place, new JobFile(place.fd), file, args], fields: {}, captured: {} });
	sendDescriptors(
		own.fd,
		descriptorsOf(handles).map(({ fd }) => fd),
	);
	const request: StartRequest = {
		id: place.rank + 1,
		name: `rank ${place.rank}`,
		daemon: true,
		identity: [],
		parent: { pid: process.pid, name: 'mpiexec' },
		target: { url: rankModule, path: ['runRank'] },
		cwd: directory,
		umask: process.umask(),
		env: { set: {}, unset: [] },
		argv: [process.execPath, file!],
		execArgv: [],
		preload: [],
		programKey: programKeyText(),
		stdio: isPiped ? 'pipe' : 'inherit',
		tickets: ticketsOf(handles),
		opens: [],
		isLast: true,
	};
	return { request, values, stdin, stdout, stderr, control, reportedExit: own.control.reportedExit, env: { ...process.env, ...env } };
}
