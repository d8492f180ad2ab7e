/**
 * What a process has beside its memory: threads, sockets and pipes, child processes, requests that others carry out for
 * it. A fork copies none of the threads, and what is copied of the rest belongs to several processes at once; so what a
 * module has begun of it in the forkserver, and not brought to an end, is of no use to a child, or worse: two that use
 * one connection read each other's answers.
 *
 * Files and timers are no such thing. Each process goes on with its copy of them.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { nowMs, setImmediate, setTimeout } from '../base/clock.ts';
import { addon } from '../native/addon.ts';
import { sleepSync } from '../native/descriptor.ts';
import { socketName } from './socket-name.ts';

export interface Outside {
	/** Ids of threads → names. */
	readonly threads: ReadonlyMap<number, string>;
	/** What /proc calls them (`socket:[1234]`) → descriptor. */
	readonly channels: ReadonlyMap<string, number>;
	readonly children: ReadonlySet<number>;
}

export function lookOutside(): Outside {
	return { threads: threads(), channels: channels(), children: children() };
}

/** Node makes the threads of its pool when it first needs one: then they are no module's. */
export async function makePool(): Promise<void> {
	await new Promise<void>((resolve) => process.getBuiltinModule('node:fs').stat('/', () => resolve()));
}

/**
 * What has been added since `before` in words for the user; nothing, when all has come to an end. Much of what modules
 * begin does so in a moment (a file is read, a command is run), so it is given some time: more where threads, those of
 * Node's pool among them, are at work. On a busy machine this process waits for its own turns, too, and so do they; a
 * turn counts no more than it takes on an idle one.
 */
export async function addedOutside(before: Outside): Promise<string[]> {
	const busy = new BusyThreads();
	const pool = new BusyThreads();
	const start = nowMs();
	let passed = 0;
	for (let quietTurns = 0, turnedAt = start; ;) {
		passed += Math.min(longestTurnMs, nowMs() - turnedAt);
		turnedAt = nowMs();
		const now = lookOutside();
		const isThreadAtWork = busy.isOneOf(added(now.threads.keys(), before.threads));
		const areProcesses = added(now.children, before.children).length > 0;
		const isPending = isThreadAtWork || areProcesses || addon().pendingRequests() > 0;
		quietTurns = isPending ? 0 : quietTurns + 1;
		const mayEnd = isPending && (areProcesses || added(now.channels.keys(), before.channels).length === 0);
		const isOverdue = turnedAt - start > silentMs || passed > threadMs || (passed > requestMs && !isThreadAtWork && !pool.isOneOf(threadIds()));
		if (quietTurns > quietEnough || (quietTurns === 0 && !mayEnd) || isOverdue) return inWords(before, now);
		// With a pause, the loop would run the timers that belong to the children; so only where something is awaited.
		await new Promise<void>((resolve) => (isPending ? setTimeout(resolve, 1) : setImmediate(resolve)));
	}
}

/** For a process that will do nothing more with what it has had since `before`: others see that it has let go. */
export function abandonAdded(before: Outside): void {
	const now = channels();
	for (const name of added(now.keys(), before.channels)) addon().closeFd(now.get(name)!);
}

/**
 * Blocks while a thread that was not there the last time is at work, but not for long: it may hold what a copy of this
 * process would wait for.
 */
export function settleThreads(): void {
	const busy = new BusyThreads();
	const end = nowMs() + settleMs;
	for (;;) {
		const now = threadIds();
		const isBusy = busy.isOneOf(now.filter((id) => !settled.has(id) && threadName(id) !== poolThread)) && nowMs() < end;
		if (!isBusy) return (settled.clear(), now.forEach((id) => settled.add(id)));
		sleepSync(1);
	}
}

const settled = new Set<number>();

/**
 * What is over after an import is over now; and `import()` goes on for some turns of the loop when its file has been
 * read.
 */
const quietEnough = 2;
const requestMs = 1000;
const threadMs = 5000;
const longestTurnMs = 10;
/** With the time that an import may take, less than a client waits for. */
const silentMs = 9000;
const settleMs = 1000;

/** Threads that sleep, look after look, wait for something to do, and will not end by themselves. */
class BusyThreads {
	readonly #ticks = new Map<number, string>();
	readonly #asleep = new Map<number, number>();

	isOneOf(ids: readonly number[]): boolean {
		return ids.filter((id) => this.#isBusy(id)).length > 0;
	}

	#isBusy(id: number): boolean {
		const stat = read(`/proc/self/task/${id}/stat`);
		if (stat === '') return false; // it has just ended
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const ticks = `${fields[11]} ${fields[12]}`;
		const isAsleep = fields[0] === 'S' && this.#ticks.get(id) === ticks;
		this.#ticks.set(id, ticks);
		const looks = isAsleep ? (this.#asleep.get(id) ?? 0) + 1 : 0;
		this.#asleep.set(id, looks);
		return looks < looksAsleep;
	}
}

const looksAsleep = 3;

function added<T>(now: Iterable<T>, before: { has(value: T): boolean }): T[] {
	return [...now].filter((one) => !before.has(one));
}

function inWords(before: Outside, now: Outside): string[] {
	const names = added(now.threads.keys(), before.threads).map((id) => now.threads.get(id));
	const open = [
		...added(now.channels.keys(), before.channels).map((name) => socketName(name)),
		...added(now.children, before.children).map((pid) => `a process that it has started (${read(`/proc/${pid}/comm`).trim() || pid})`),
		...(names.length === 0 ? [] : [`${names.length} ${names.length === 1 ? 'thread' : 'threads'} (${[...new Set(names)].join(', ')})`]),
	];
	const requests = addon().pendingRequests();
	// Beside the others, they have not been given the time to end.
	if (open.length > 0 || requests === 0) return open;
	return [`${requests} unfinished ${requests === 1 ? 'request' : 'requests'} (files, names, connections, compression, …)`];
}

/** But for the main thread, which is the one that looks. */
function threads(): Map<number, string> {
	const found = threadIds().map((id): [number, string] => [id, threadName(id)]);
	return new Map(found.filter(([, name]) => name !== poolThread));
}

function threadIds(): number[] {
	return list('/proc/self/task')
		.map(Number)
		.filter((id) => id !== process.pid);
}

function threadName(id: number): string {
	return read(`/proc/self/task/${id}/comm`).trim();
}

/** Of Node's own pool. */
const poolThread = 'libuv-worker';

function channels(): Map<string, number> {
	const found = list('/proc/self/fd').map((fd): [string, number] => [linkOf(`/proc/self/fd/${fd}`), Number(fd)]);
	return new Map(found.filter(([name]) => /^(socket|pipe):/.test(name)));
}

/** Not known where the kernel has been built without that. */
function children(): Set<number> {
	return new Set(read('/proc/thread-self/children').split(' ').filter(Boolean).map(Number));
}

function list(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

function read(path: string): string {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return '';
	}
}

function linkOf(path: string): string {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
}
