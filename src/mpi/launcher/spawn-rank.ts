/**
 * A rank as a new Node process, for programs that need flags, another Node, or a loader that cannot be forked. Node
 * runs the program itself; a module that it imports first (mpi-rank.ts) takes the rank's place.
 */
import { addon } from '../../native/addon.ts';
import { check } from '../../native/raise.ts';
import { DirectChild } from '../../process/start/child-handle.ts';
import { environmentList, type Descriptors } from '../../process/start/launcher.ts';
import { closeAll } from '../../native/descriptor.ts';
import { spawnedFds } from '../../process/start/spawn.ts';
import { readMemoryFile, toMemoryFile } from '../../process/start/request.ts';
import type { JobPlace } from '../job-place.ts';
import type { RankProgram } from './program.ts';

interface SpawnedRank {
	readonly place: JobPlace;
	/** Without what this launcher has added. */
	readonly execArgv: readonly string[];
}

export interface RankStart extends Descriptors {
	readonly place: JobPlace;
	readonly program: RankProgram;
	/** Whether stdout and stderr lead to the launcher. */
	readonly isPiped: boolean;
}

export function spawnRank({ place, program, stdin, stdout, stderr, control }: RankStart): DirectChild {
	const { node, file, args, directory, env } = program;
	const execArgv = withFreePort(program.flags);
	const memoryFile = toMemoryFile(Buffer.from(JSON.stringify({ place, execArgv } satisfies SpawnedRank)));
	try {
		// `-e` ends Node's options: what follows is the program's.
		const argv = [node, `--import=${entryUrl}`, ...execArgv, ...(file === undefined ? ['--'] : [file]), ...args];
		const environment = environmentList({ ...process.env, ...env });
		const pid = addon().spawn(node, argv, environment, directory, [stdin, stdout, stderr, control, memoryFile, place.fd]);
		return DirectChild.adopt(check(pid, `start rank ${place.rank} with ${node} in ${directory}`));
	} finally {
		addon().closeFd(memoryFile);
	}
}

/** Of this process. Its descriptor of the job is not inherited by what it starts. */
export function takeSpawnedRank(): SpawnedRank {
	const { place, execArgv } = JSON.parse(Buffer.from(readMemoryFile(spawnedFds.request)).toString()) as SpawnedRank;
	const fd = check(addon().duplicate(jobFd, -1), `be rank ${place.rank} of an MPI job`);
	closeAll([spawnedFds.request, jobFd]);
	return { place: { ...place, fd }, execArgv };
}

/** Where a spawned rank finds the job's segment. */
const jobFd = spawnedFds.request + 1;

const entryUrl = new URL('../../mpi-rank.js', import.meta.url).href;

/** Ranks that are inspected have a port each. */
function withFreePort(flags: readonly string[]): string[] {
	return flags.map((flag) => {
		if (!/^--inspect(-brk|-wait)?(=|$)/.test(flag)) return flag;
		const [name = ''] = flag.split('=', 1);
		const host = /=(.+):\d*$/.exec(flag)?.[1];
		return `${name}=${host === undefined ? '' : `${host}:`}0`;
	});
}
