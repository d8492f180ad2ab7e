/**
 * What a test file left behind, told apart from what others on the machine do: its processes by the mark in their
 * environment or their session, its segments and sockets by the namespace in their names, its files by the folder that
 * it was given as TMPDIR.
 */
import { readdirSync, readFileSync, readlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How long a process or segment may take to go after the file's own end: helpers end when they see their parent gone.
 */
const graceMs = 5000;
/** Caches that tools put into TMPDIR. */
const notOurs = /^(tsx-|node-compile-cache|node-gyp|v8-compile-cache)/;

/** The names in /dev/shm before a file runs: Python's carry no mark, so only new ones can be the file's. */
export function snapshot() {
	return new Set(listShm());
}

export async function leftOvers(run) {
	const until = performance.now() + graceMs;
	let found = look(run);
	while (found.length > 0 && performance.now() < until) {
		await new Promise((resolve) => setTimeout(resolve, 50));
		found = look(run);
	}
	removeSegments(run);
	return found.map((entry) => entry.text);
}

/** Resolves when they are gone. */
export async function killProcesses(run) {
	let alive = processesOf(run);
	while (alive.length > 0) {
		for (const { pid } of alive) {
			try {
				process.kill(pid, 'SIGKILL');
			} catch {
				// It has ended in the meantime.
			}
		}
		await new Promise((resolve) => setTimeout(resolve, 10));
		alive = processesOf(run);
	}
}

function look(run) {
	const { mark, temporary, before } = run;
	const inUse = openShmFiles();
	return [
		...processesOf(run).map(({ pid, command }) => ({ text: `process ${pid}: ${command}` })),
		...listShm()
			.filter((name) => name.includes(mark))
			.map((name) => ({ text: `segment /dev/shm/${name}`, segment: name })),
		...listShm()
			.filter((name) => /^psm_|^sem\./.test(name) && !before.has(name) && !inUse.has(name))
			.map((name) => ({ text: `segment /dev/shm/${name} (Python's naming)`, segment: name })),
		...sockets()
			.filter((path) => path.includes(mark) || path.startsWith(temporary))
			.map((path) => ({ text: `socket ${path}` })),
		...readdirSync(temporary)
			.filter((name) => !notOurs.test(name))
			.map((name) => ({ text: `file $TMPDIR/${name}` })),
	];
}

/** So that the left-overs of one run are not in the way of the next. */
function removeSegments(run) {
	for (const { segment } of look(run)) {
		if (segment === undefined) continue;
		try {
			unlinkSync(join('/dev/shm', segment));
		} catch {
			// Somebody else removed it.
		}
	}
}

/**
 * By the session, which started with the file, for those that were given another environment; by the mark for those
 * that left the session.
 */
function processesOf({ mark, session }) {
	const found = [];
	for (const pid of pids()) {
		const isMarked = readProc(pid, 'environ').split('\0').includes(`NPROCS_TEST_RUN=${mark}`);
		if (!isMarked && sessionOf(pid) !== session) continue;
		if (/^State:\s*[ZX]/m.test(readProc(pid, 'status'))) continue;
		found.push({ pid: Number(pid), command: readProc(pid, 'cmdline').split('\0').join(' ').trim() || '(unknown)' });
	}
	return found;
}

/** The command in parentheses may contain anything, so fields are counted from its end. */
function sessionOf(pid) {
	const stat = readProc(pid, 'stat');
	return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}

function openShmFiles() {
	const open = new Set();
	for (const pid of pids()) {
		for (const fd of list(`/proc/${pid}/fd`)) {
			const target = linkTarget(`/proc/${pid}/fd/${fd}`);
			if (target.startsWith('/dev/shm/')) open.add(target.slice('/dev/shm/'.length));
		}
	}
	return open;
}

function sockets() {
	return readFile('/proc/net/unix')
		.split('\n')
		.slice(1)
		.map((line) => line.trim().split(/\s+/)[7])
		.filter((path) => path !== undefined);
}

const pids = () => list('/proc').filter((name) => /^\d+$/.test(name));
const listShm = () => list('/dev/shm');
const readProc = (pid, name) => readFile(`/proc/${pid}/${name}`);

function list(folder) {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

function readFile(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

function linkTarget(path) {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
}
