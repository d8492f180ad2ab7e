/** How many processes can really run at once here. */
import { readFileSync } from 'node:fs';
import os from 'node:os';

/**
 * The number of CPUs that this process may use: its affinity mask, cut down by the quota of its control group
 * (versions 1 and 2; a quota of 1.5 CPUs counts as 2). At least 1.
 */
export function cpuCount(): number {
	return Math.max(1, Math.min(os.availableParallelism(), Math.ceil(cgroupQuota())));
}

function cgroupQuota(): number {
	const paths = cgroupPaths();
	let quota = Infinity;
	for (let path: string | undefined = paths.unified; path !== undefined; path = parentOf(path)) {
		const [limit, period] = words(`/sys/fs/cgroup${path}/cpu.max`);
		if (limit !== undefined && limit !== 'max') quota = Math.min(quota, Number(limit) / Number(period));
	}
	for (let path: string | undefined = paths.cpu; path !== undefined; path = parentOf(path)) {
		const [limit] = words(`/sys/fs/cgroup/cpu${path}/cpu.cfs_quota_us`);
		const [period] = words(`/sys/fs/cgroup/cpu${path}/cpu.cfs_period_us`);
		if (limit !== undefined && Number(limit) > 0) quota = Math.min(quota, Number(limit) / Number(period));
	}
	return quota > 0 ? quota : Infinity;
}

/** A group is also bound by the groups above it. */
function parentOf(path: string): string | undefined {
	return path === '' || path === '/' ? undefined : path.slice(0, path.lastIndexOf('/'));
}

function cgroupPaths(): { unified: string | undefined; cpu: string | undefined } {
	const paths: ReturnType<typeof cgroupPaths> = { unified: undefined, cpu: undefined };
	for (const line of read('/proc/self/cgroup').split('\n')) {
		const [, controllers, path] = line.split(':');
		if (controllers === '') paths.unified = path;
		else if (controllers?.split(',').includes('cpu')) paths.cpu = path;
	}
	return paths;
}

function words(file: string): (string | undefined)[] {
	const text = read(file).trim();
	return text === '' ? [] : text.split(' ');
}

function read(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
}
