/** Runs the `nprocs` command as a user's shell would. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../../dist/cli/main.js');

export interface Outcome {
	readonly code: number | string | null;
	readonly stdout: string;
	readonly stderr: string;
}

export function nprocs(...args: string[]): Outcome {
	const { status, signal, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
	return { code: signal ?? status, stdout, stderr };
}
