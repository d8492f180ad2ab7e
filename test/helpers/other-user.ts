/** Tests in which root gives up its user. */
import { spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Why this process cannot become user 65534 and go on, if it cannot. */
export function obstacleToOtherUser(): string | false {
	if (process.getuid!() !== 0) return 'needs root';
	const { status } = spawnSync(process.execPath, ['-e', ''], { uid: 65534, gid: 65534, cwd: '/' });
	return status === 0 ? false : 'another user cannot run this Node';
}

/** The folder of a program that such a process runs. */
export function letOthersRead(path: string): void {
	chmodSync(path, 0o755);
	if ((statSync(dirname(path)).mode & 0o1) === 0) chmodSync(dirname(path), 0o711);
}
