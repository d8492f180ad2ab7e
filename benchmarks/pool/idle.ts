/**
 * `node idle.js PEER SIZE`: prints which part of a processor, in percent, a pool uses while it has nothing to do, in
 * all its processes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { peers } from './peers.js';

const [name, size] = process.argv.slice(2) as [string, string];
const peer = peers[name]!(Number(size));
for (let i = 0; i < 200; i++) await Promise.all(Array.from({ length: Number(size) }, () => peer.call('square', i)));
await sleep(1000); // what is done after the last call, such as warming up, is no part of the question
const [startedAt, before] = [performance.now(), usedMs()];
await sleep(2000);
const percent = ((usedMs() - before) * 100) / (performance.now() - startedAt);
console.log(JSON.stringify([percent]));
await peer.end();
process.exit();

/** Of this process and all that descend from it, over all threads, since each began. The kernel counts nanoseconds. */
function usedMs(): number {
	return family().reduce((sum, pid) => sum + ofThreads(pid), 0) / 1e6;
}

function family(): number[] {
	const pids = [process.pid];
	const parents = readdirSync('/proc')
		.filter((entry) => /^\d+$/.test(entry))
		.map((pid) => [Number(pid), Number(/^PPid:\s*(\d+)/m.exec(contents(`/proc/${pid}/status`))?.[1])] as const);
	for (const parent of pids) pids.push(...parents.filter(([, its]) => its === parent).map(([pid]) => pid));
	return pids;
}

function ofThreads(pid: number): number {
	const threads = readdirSync(`/proc/${pid}/task`);
	return threads.reduce((sum, thread) => sum + Number.parseInt(contents(`/proc/${pid}/task/${thread}/schedstat`) || '0'), 0);
}

function contents(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return ''; // it has just ended
	}
}
