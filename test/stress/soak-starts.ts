/**
 * 10,000 starts (or `--starts N`), some of them killed on their way: nothing may grow. Invariants: every exit code is the expected one; this process and
 * the fork server have as many descriptors, and hardly more memory, at the end as after the first thousand; no zombie is left.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMain, Process } from 'nprocs';

export function end(exitCode: number): void {
	process.exitCode = exitCode;
}

export function stay(): void {
	setInterval(() => {}, 1e6);
}

if (isMain(import.meta)) {
	const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, seconds: { type: 'string' }, starts: { type: 'string', default: '10000' } } });
	const starts = Number(values.starts);
	const warmUp = Math.min(1000, starts / 4);
	let random = Number(values.seed) | 1;
	let before: Usage | undefined;
	for (let i = 0; i < starts; i++) {
		random = (Math.imul(random, 1664525) + 1013904223) | 0;
		if ((random >>> 8) % 4 === 0) await startAndKill((random >>> 16) % 2 === 0);
		else await startAndJoin((random >>> 16) % 256);
		if (i === warmUp) before = usage();
	}
	compare(before!, usage());
	console.log(`${starts} starts: nothing grew`);
}

async function startAndJoin(exitCode: number): Promise<void> {
	const p = new Process({ target: end, args: [exitCode] }).start();
	await p.join();
	assert.equal(p.exitCode, exitCode);
}

async function startAndKill(kill: boolean): Promise<void> {
	const p = new Process({ target: stay }).start();
	if (kill) p.kill();
	else p.terminate();
	await p.join();
	assert.equal(p.exitCode, kill ? -9 : -15);
}

interface Usage {
	/** Of this process and of each of its children (the fork server, and perhaps its spare). */
	readonly descriptors: number[];
	readonly residentKiB: number[];
}

function usage(): Usage {
	const pids = [process.pid, ...childrenOf(process.pid)];
	for (const pid of pids.flatMap((parent) => childrenOf(parent))) assert.notEqual(stateOf(pid), 'Z', `process ${pid} is a zombie`);
	return {
		descriptors: pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length),
		residentKiB: pids.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])),
	};
}

function compare(before: Usage, after: Usage): void {
	console.log(`descriptors ${before.descriptors.join(' ')} -> ${after.descriptors.join(' ')}; KiB ${before.residentKiB.join(' ')} -> ${after.residentKiB.join(' ')}`);
	assert.equal(after.descriptors.length, before.descriptors.length, 'a process more or less');
	after.descriptors.forEach((count, i) => assert.ok(count <= before.descriptors[i]! + 3, `descriptors grew from ${before.descriptors[i]} to ${count}`));
	after.residentKiB.forEach((size, i) => assert.ok(size <= before.residentKiB[i]! + 50_000, `memory grew from ${before.residentKiB[i]} to ${size} KiB`));
}

function childrenOf(pid: number): number[] {
	return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** Undefined for one that has been reaped in the meantime. */
function stateOf(pid: number): string | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat[stat.lastIndexOf(')') + 2];
	} catch {
		return undefined;
	}
}
