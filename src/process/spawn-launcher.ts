/** The start method `spawn`: a new Node process that runs `child.js`. */
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { DirectChild } from './child-handle.ts';
import { lostBySpawn } from './inheritance.ts';
import { entryPoint, environmentList, type Launch, type Launcher } from './launcher.ts';
import { toMemoryFile, writeRequest } from './start-request.ts';

/** Descriptors of a spawned child: what `child.ts` finds where. */
export const spawnedFds = { control: 3, request: 4 } as const;

export const spawnLauncher: Launcher = {
	launch({ request, values, stdin, stdout, stderr, control, env }: Launch): DirectChild {
		// In a file, not through a pipe: the child reads it when it has booted, and nobody waits for that.
		const memoryFile = toMemoryFile(writeRequest({ ...request, ...lostBySpawn() }, values));
		try {
			const argv = [process.execPath, ...request.execArgv, ...entryPoint('child.js')];
			const fds = [stdin, stdout, stderr, control, memoryFile];
			return DirectChild.adopt(
				check(
					addon().spawn(process.execPath, argv, environmentList(env), request.cwd, fds),
					`start a process with ${process.execPath} in ${request.cwd}`,
				),
			);
		} finally {
			addon().closeFd(memoryFile);
		}
	},
};
