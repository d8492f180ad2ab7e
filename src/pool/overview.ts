/**
 * All pools of this user that have workers, and what these do: for `npx nprocs ps`. It reads the words that workers
 * keep in their streams of replies.
 */
import { listSegments } from '../memory/inspect.ts';
import { participantOf, participants, type ParticipantInfo } from '../memory/registry.ts';
import { openTold, readName, repliesKind, told, workerState } from './link/link.ts';

export interface PoolInfo {
	readonly name: string;
	/** The thread that has made it. */
	readonly owner: ParticipantInfo;
	/** By their indices. */
	readonly workers: readonly WorkerOverview[];
}

export interface WorkerOverview {
	readonly index: number;
	/** Undefined until its process has taken it up. */
	readonly pid: number | undefined;
	readonly state: 'starts' | 'is idle' | 'runs' | 'has ended';
	/** The name of what it runs, shortened to 64 bytes; undefined unless it runs. */
	readonly function: string | undefined;
}

/** A pool whose owner is dead is not there any more: its workers are about to end. */
export function listPools(): PoolInfo[] {
	const living = new Set(participants().map(({ pid }) => pid));
	const pools = new Map<string, PoolInfo & { workers: WorkerOverview[] }>();
	for (const { name, kind, held } of listSegments()) {
		const seen = kind === repliesKind && held ? look(name, living) : undefined;
		if (seen === undefined) continue;
		const pool = pools.get(seen.key);
		if (pool === undefined) pools.set(seen.key, { name: seen.poolName, owner: seen.owner, workers: [seen.worker] });
		else pool.workers.push(seen.worker);
	}
	for (const { workers } of pools.values()) workers.sort((a, b) => a.index - b.index);
	return [...pools.values()].sort((a, b) => a.owner.pid - b.owner.pid || a.owner.threadId - b.owner.threadId || (a.name < b.name ? -1 : 1));
}

interface Seen {
	/** Of the pool. */
	readonly key: string;
	readonly poolName: string;
	readonly owner: ParticipantInfo;
	readonly worker: WorkerOverview;
}

function look(segment: string, living: ReadonlySet<number>): Seen | undefined {
	try {
		const { words, close } = openTold(segment);
		try {
			const owner = participantOf(words[told.owner]!);
			if (owner === undefined) return undefined;
			const key = `${owner.token} ${words[told.pool]!}`;
			return { key, poolName: readName(words, told.poolName), owner, worker: workerOf(words, living) };
		} finally {
			close();
		}
	} catch {
		return undefined; // it was removed meanwhile
	}
}

function workerOf(words: Int32Array, living: ReadonlySet<number>): WorkerOverview {
	const [pid, word, index] = [Atomics.load(words, told.pid), Atomics.load(words, told.state), words[told.index]!];
	if (pid === 0) return { index, pid: undefined, state: 'starts', function: undefined };
	if (!living.has(pid)) return { index, pid, state: 'has ended', function: undefined };
	if (word === workerState.running) return { index, pid, state: 'runs', function: readName(words, told.functionName) };
	return { index, pid, state: word === workerState.idle ? 'is idle' : 'starts', function: undefined };
}
