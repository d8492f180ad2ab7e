/** The start method `spawn`: a new Node process that runs `child.js`. */
import { addon } from '../../native/addon.ts';
import { check } from '../../native/raise.ts';
import { DirectChild } from './child-handle.ts';
import { lostBySpawn } from './inheritance.ts';
import { entryPoint, environmentList, nodePath, type Launch, type Launcher } from './launcher.ts';
import { toMemoryFile, writeRequest } from './request.ts';

/** Descriptors of a spawned child: what `child.ts` finds where. */
export const spawnedFds = { control: 3, request: 4 } as const;

/** When it is inspected, by SIGUSR1 or by `NODE_OPTIONS`: the usual port is its parent's. */
const anyPort = '--inspect-port=0';

export const spawnLauncher: Launcher = {
	launch({ request, values, stdin, stdout, stderr, control, env }: Launch): DirectChild {
		// In a file, not through a pipe: the child reads it when it has booted, and nobody waits for that.
		const memoryFile = toMemoryFile(writeRequest({ ...request, ...lostBySpawn() }, values));
		// Where this process is itself, it stays: perhaps its user has no path to there any more.
		const cwd = request.cwd === addon().currentDirectory() ? null : request.cwd;
		try {
			const argv = [nodePath(), anyPort, ...request.execArgv, ...entryPoint('child.js')];
			const fds = [stdin, stdout, stderr, control, memoryFile];
			return DirectChild.adopt(
				check(addon().spawn(nodePath(), argv, environmentList(env), cwd, fds), `start a process with ${nodePath()} in ${request.cwd}`),
			);
		} finally {
			addon().closeFd(memoryFile);
		}
	},
};
