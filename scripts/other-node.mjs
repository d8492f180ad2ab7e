/** Brings another Node version from the npm registry into a cache, and gives the path of its executable. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nprocs-other-nodes');

/** `version`: a major, or anything that npm takes: `22`, `24.1`, `26.10.0`. */
export function otherNode(version) {
	const name = `node-${process.platform}-${process.arch}`;
	const folder = join(cache, version);
	const executable = join(folder, 'node_modules', name, 'bin/node');
	if (!existsSync(executable)) {
		mkdirSync(folder, { recursive: true });
		execFileSync('npm', ['install', '--prefix', folder, '--no-save', '--no-package-lock', `${name}@${version}`], {
			stdio: ['ignore', 'ignore', 'inherit'],
		});
	}
	return executable;
}
