/**
 * Finds ranks that wait for each other for ever.
 *
 * Each rank that waits for long has on record what it waits for: requirements, all of which must be met, and of each
 * the ranks that could meet it. Sought is the greatest set of waiting and ended ranks such that none of them can go on
 * by what a rank outside does: begin with all that wait or have ended, take out whoever has somebody outside for each
 * of its requirements, and repeat. Not all ranks need be in it: the others may compute for hours.
 *
 * What was sent before may still be under way to one of them. So the set counts only when each waiting rank in it has
 * looked twice more since all were seen to wait, and has found nothing: the second of these looks began afterwards.
 * That holds on a machine, too, on which ranks hardly run, and this process neither: between any two of its reads,
 * ranks may do whatever they like. So the looks from which on is counted are read when all else has been, and those
 * that are to be enough before anything else, for a rank says what it has found before it says that it has looked.
 */
import { isDeepStrictEqual } from 'node:util';
import { rankState, type Job } from '../embedded/job/job.ts';
import type { WaitRecord } from '../embedded/job/wait-record.ts';

export interface RankView {
	readonly hasEnded: boolean;
	readonly waiting: WaitRecord | undefined;
	readonly progress: number;
	readonly looks: number;
}

/** Of those who wait, the ranks that can never go on. */
export function stuckRanks(views: readonly Pick<RankView, 'hasEnded' | 'waiting'>[]): number[] {
	const all = views.map((_, rank) => rank);
	const set = new Set(all.filter((rank) => views[rank]!.hasEnded || views[rank]!.waiting !== undefined));
	for (let isSmaller = true; isSmaller;) {
		isSmaller = false;
		for (const rank of set) {
			const { waiting } = views[rank]!;
			if (waiting === undefined || waiting.requirements.some((ranks) => ranks.every((other) => set.has(other)))) continue;
			set.delete(rank);
			isSmaller = true;
		}
	}
	return [...set].filter((rank) => views[rank]!.waiting !== undefined);
}

const looksNeeded = 2;

/** To be asked from time to time. */
export class StuckWatch {
	readonly #job: Job;
	/** Of the stuck ranks, when they were seen first. */
	#first: ReadonlyMap<number, RankView> = new Map();

	constructor(job: Job) {
		this.#job = job;
	}

	/** A line on each rank that is stuck, once it is certain; else undefined. */
	look(): string[] | undefined {
		const views = Array.from({ length: this.#job.size }, (_, rank) => viewOf(this.#job, rank));
		const stuck = stuckRanks(views);
		const isSame = stuck.length === this.#first.size && stuck.every((rank) => areSame(this.#first.get(rank), views[rank]!));
		if (!isSame) this.#first = new Map(stuck.map((rank) => [rank, { ...views[rank]!, looks: this.#job.looksOf(rank) }]));
		if (stuck.length === 0 || !stuck.every((rank) => views[rank]!.looks >= this.#first.get(rank)!.looks + looksNeeded)) return undefined;
		const ended = views.flatMap(({ hasEnded }, rank) => (hasEnded ? [rank] : []));
		const waiting = stuck.map((rank) => `rank ${rank} waits in ${views[rank]!.waiting!.text}`);
		if (ended.length === 0) return waiting;
		return [...waiting, ended.length === 1 ? `rank ${ended[0]} has ended` : `ranks ${ended.join(', ')} have ended`];
	}
}

function viewOf(job: Job, rank: number): RankView {
	const looks = job.looksOf(rank);
	const hasEnded = job.stateOf(rank) === rankState.ended;
	return { looks, hasEnded, waiting: hasEnded ? undefined : job.waitRecord(rank), progress: job.progressOf(rank) };
}

/** A rank in its event loop writes the same record again and again; one that blocks does so for another wait. */
function areSame(before: RankView | undefined, now: RankView): boolean {
	if (before?.waiting === undefined || now.waiting === undefined || before.progress !== now.progress) return false;
	if (!now.waiting.inLoop && before.waiting.version !== now.waiting.version) return false;
	return before.waiting.text === now.waiting.text && isDeepStrictEqual(before.waiting.requirements, now.waiting.requirements);
}
