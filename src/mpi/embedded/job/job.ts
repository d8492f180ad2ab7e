/**
 * A job of ranks on this machine: the segment that its launcher makes and its ranks join.
 *
 * It has no name in /dev/shm: ranks are passed a descriptor of it. So the kernel frees it with the last process of the
 * job, whatever ends them and in which order. It gets a name when a message of values carries shared objects or large
 * arrays, whose janitor knows channels by their names (memory/in-flight.ts); the last holder removes that.
 *
 * Words of the payload:
 *
 *   0 size   1 gate: 1 = open   2 end: 0 none, 1 aborted   3 its code   4 the rank that wanted it, -1 the launcher
 *   5 the launcher's token   6 cells of a ring   7 bytes of its data
 *   8 the first page of the file that nobody has reserved
 *   9 whether ranks outnumber the cores: how they wait and do barriers is the same in all of them
 *   16-     per rank, a block: 0 state, 1 token, 2 progress, 3 exit code, 4 looks, 5 whether it may die, 8- wait record
 *           (wait-record.ts), then its waiters, then its inbox: a bit for each rank that has sent something, where
 *           ranks are too many to look at all of their rings
 *   then    per ordered pair of ranks, sender by sender: where in the file their ring lies, in pages; 0 before the
 *           first message
 *   then    the counter of the barriers of all ranks (arrivals.ts)
 *
 * Rings, blocks and windows are extents of the same file, which one process reserves; only those of windows are given
 * back before the job ends. Each word has one writer, or is changed by one atomic operation; a process killed between
 * two of them leaves at most an extent that nobody uses, and it goes with the file.
 *
 * Who ends the job (`abort`) stores the code and its rank behind the compare-and-swap that makes it the first to do so,
 * so who sees the end a moment earlier reads the code 1.
 */
import { participantOf, isAlive, self } from '../../../memory/registry.ts';
import { Segment } from '../../../memory/segment.ts';
import { waiterSetWords } from '../../../memory/word-counts.ts';
import { Deadline } from '../../../base/deadline.ts';
import { ArgumentError, NprocsError } from '../../../base/errors.ts';
import { addon } from '../../../native/addon.ts';
import { check } from '../../../native/raise.ts';
import { WaiterSet } from '../../../wait/waiter-set.ts';
import { waitForSync } from '../../../wait/waiter.ts';
import { cpuCount } from '../../../process/cpu-count.ts';
import { mostRanks, type JobPlace } from '../../job-place.ts';
import { arrivalsWords } from './arrivals.ts';
import { readWaitRecord, waitRecordWords, WaitRecordWriter, type WaitRecord } from './wait-record.ts';

/** How far a rank has come. */
export const rankState = { notBegun: 0, running: 1, initialised: 2, finalized: 3, ended: 4 } as const;
export type RankState = (typeof rankState)[keyof typeof rankState];

export interface JobOptions {
	/** How many ranks, 1 to 1024. */
	readonly size: number;
	/**
	 * Cells of each ring, a power of two of 4 or more. @default NPROCS_MPI_RING_CELLS, or 256, with more than 16 ranks
	 * 64
	 */
	readonly ringCells?: number;
}

/** Why a job ends before its ranks do. */
export interface JobEnd {
	readonly code: number;
	/** Who wanted it; undefined: the launcher. */
	readonly rank: number | undefined;
}

/** Where the ring of two ranks lies in the job's file, and its size. */
export interface RingShape {
	readonly cells: number;
	readonly dataBytes: number;
}

const kind = 'mpi-job';
const word = {
	size: 0,
	gate: 1,
	end: 2,
	endCode: 3,
	endRank: 4,
	launcher: 5,
	ringCells: 6,
	ringData: 7,
	nextPage: 8,
	isCrowded: 9,
	blocks: 16,
} as const;
const field = { state: 0, token: 1, progress: 2, exitCode: 3, looks: 4, mayDie: 5, record: 8 } as const;
/** In which its memory is reserved. */
export const pageBytes = 4096;
const manyRanks = 16;

export class Job implements Disposable {
	readonly size: number;
	/** What its segment is called once it has a name. */
	readonly name: string;
	readonly rings: RingShape;
	/** A descriptor of the segment. */
	readonly fd: number;
	readonly #segment: Segment;
	readonly #words: Int32Array;
	readonly #layout: Layout;
	readonly #waiters: WaiterSet[];
	/** Pages that this process had reserved. */
	readonly #holes: { page: number; pages: number }[] = [];

	private constructor(segment: Segment, size: number, fd: number) {
		this.#segment = segment;
		this.fd = fd;
		this.#words = segment.int32;
		this.size = size;
		this.name = segment.name;
		this.#layout = layoutFor(size);
		this.rings = { cells: this.#words[word.ringCells]!, dataBytes: this.#words[word.ringData]! };
		this.#waiters = Array.from({ length: size }, (_, rank) => new WaiterSet(segment, this.#block(rank) + this.#layout.waiters));
	}

	/** Makes one. The gate is closed. */
	static create(options: JobOptions): Job {
		const { size, ringCells = Number(process.env['NPROCS_MPI_RING_CELLS'] ?? (size > manyRanks ? 64 : 256)) } = options;
		if (!Number.isInteger(size) || size < 1 || size > mostRanks)
			throw new ArgumentError(`Expected the number of ranks to be an integer from 1 to ${mostRanks}, got ${size}.`);
		if (!Number.isInteger(Math.log2(ringCells)) || ringCells < 4)
			throw new ArgumentError(`Expected the number of cells of a ring to be a power of two of at least 4, got ${ringCells}.`);
		const bytes = layoutFor(size).words * 4;
		const segment = Segment.create({
			kind,
			size: bytes,
			isPrivate: true,
			init({ int32 }) {
				int32[word.size] = size;
				int32[word.launcher] = self().token;
				int32[word.isCrowded] = size > cpuCount() ? 1 : 0;
				int32[word.ringCells] = ringCells;
				int32[word.ringData] = ringCells * 192;
				int32[word.nextPage] = Math.ceil((Segment.payload + bytes) / pageBytes);
			},
		});
		return new Job(segment, size, addon().closeAtEnd(segment.descriptor()));
	}

	/** In a rank: enters its token. */
	static join({ segment: name, fd, size, rank }: JobPlace): Job {
		const segment = Segment.adopt(fd, { name, kind }, { size: layoutFor(size).words * 4 });
		const job = new Job(segment, size, fd);
		Atomics.store(segment.int32, job.#block(rank) + field.token, self().token);
		return job;
	}

	/** Gives it up here. The descriptor of a rank stays: it is its place's. */
	close(): void {
		if (this.#segment.isNew) addon().closeFd(this.fd);
		this.#segment.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	/** Whether there are more ranks than cores. */
	get isCrowded(): boolean {
		return this.#words[word.isCrowded] === 1;
	}

	// ---- Ranks ----

	stateOf(rank: number): RankState {
		return Atomics.load(this.#words, this.#block(rank) + field.state) as RankState;
	}

	setState(rank: number, state: RankState): void {
		Atomics.store(this.#words, this.#block(rank) + field.state, state);
	}

	/** Whether a rank that has joined lives; one that has not yet counts as alive. */
	isRankAlive(rank: number): boolean {
		const token = Atomics.load(this.#words, this.#block(rank) + field.token);
		return token === 0 || isAlive(token);
	}

	/** Of its process; undefined before it has joined and when it is dead. */
	pidOf(rank: number): number | undefined {
		return participantOf(Atomics.load(this.#words, this.#block(rank) + field.token))?.pid;
	}

	/** Said by the rank itself: its death need not end the job, since others go on without it. */
	allowDeath(rank: number): void {
		Atomics.store(this.#words, this.#block(rank) + field.mayDie, 1);
	}

	mayDie(rank: number): boolean {
		return Atomics.load(this.#words, this.#block(rank) + field.mayDie) === 1;
	}

	/** Those that have ended while the job goes on without them, since they may die. */
	deadRanks(): number[] {
		const dead: number[] = [];
		for (let rank = 0; rank < this.size; rank++) if (this.mayDie(rank) && this.stateOf(rank) === rankState.ended) dead.push(rank);
		return dead;
	}

	/** Said by the launcher: how the rank has ended, as `Process.exitCode`; whoever waits looks again. */
	noteEnd(rank: number, exitCode: number): void {
		Atomics.store(this.#words, this.#block(rank) + field.exitCode, exitCode);
		this.setState(rank, rankState.ended);
		for (const waiters of this.#waiters) waiters.wakeAll();
	}

	/** Once its state is `ended`. */
	exitCodeOf(rank: number): number {
		return Atomics.load(this.#words, this.#block(rank) + field.exitCode);
	}

	isLauncherAlive(): boolean {
		return isAlive(this.#words[word.launcher]!);
	}

	/**
	 * What the rank waits for since a tenth of a second or more; undefined when it does not, or is about to change
	 * that.
	 */
	waitRecord(rank: number): WaitRecord | undefined {
		return readWaitRecord(this.#words, this.#block(rank) + field.record, this.size);
	}

	waitRecordWriter(rank: number): WaitRecordWriter {
		return new WaitRecordWriter(this.#words, this.#block(rank) + field.record, this.size);
	}

	/** A count that grows whenever the rank has received something or something of it was received. */
	progressOf(rank: number): number {
		return Atomics.load(this.#words, this.#block(rank) + field.progress);
	}

	/** Said by the rank itself, from time to time. */
	setProgress(rank: number, count: number): void {
		Atomics.store(this.#words, this.#block(rank) + field.progress, count);
	}

	/**
	 * How often the rank has looked, while it waited with a record, whether it can go on, and could not. Who has seen
	 * all of several ranks wait, and then one more look of each, knows that nothing from one of them is under way to
	 * another, however slowly they run.
	 */
	looksOf(rank: number): number {
		return Atomics.load(this.#words, this.#block(rank) + field.looks);
	}

	/** Said by the rank itself at each slice of a wait, after it has looked in vain. */
	noteLook(rank: number): void {
		Atomics.add(this.#words, this.#block(rank) + field.looks, 1);
	}

	waitersOf(rank: number): WaiterSet {
		return this.#waiters[rank]!;
	}

	/** Lets the rank look again, if it sleeps. */
	wake(rank: number): void {
		this.#waiters[rank]!.wakeAll();
	}

	// ---- Beginning and end ----

	openGate(): void {
		Atomics.store(this.#words, word.gate, 1);
		for (const waiters of this.#waiters) waiters.wakeAll();
	}

	/** Blocks the rank until the gate is open, or the job ends before it was. */
	waitAtGate(rank: number): void {
		const attempt = (): true | undefined =>
			Atomics.load(this.#words, word.gate) === 1 || Atomics.load(this.#words, word.end) === 1 ? true : undefined;
		const onSlice = (): void => {
			if (!this.isLauncherAlive()) throw new NprocsError('The launcher of this MPI job has ended before all ranks were there.');
		};
		waitForSync(this.#waiters[rank]!, attempt, Deadline.never, { spins: false, onSlice });
	}

	/** Lets all ranks end; the first one decides on the code. `rank`: who wants it; undefined for the launcher. */
	abort(code: number, rank?: number): void {
		if (Atomics.compareExchange(this.#words, word.end, 0, 1) === 0) {
			Atomics.store(this.#words, word.endRank, rank === undefined ? -1 : rank);
			Atomics.store(this.#words, word.endCode, code);
		}
		for (const waiters of this.#waiters) waiters.wakeAll();
	}

	/** undefined while it goes on. */
	end(): JobEnd | undefined {
		if (Atomics.load(this.#words, word.end) === 0) return undefined;
		const code = Atomics.load(this.#words, word.endCode);
		const rank = Atomics.load(this.#words, word.endRank);
		return { code: code === 0 ? 1 : code, rank: rank < 0 ? undefined : rank };
	}

	// ---- Memory of the file ----

	/** Where the ring from one rank to another lies, in pages; 0: there is none yet. */
	ringPage(from: number, to: number): number {
		return Atomics.load(this.#words, this.#layout.directory + from * this.size + to);
	}

	publishRing(from: number, to: number, page: number): void {
		Atomics.store(this.#words, this.#layout.directory + from * this.size + to, page);
	}

	/** Reserves memory, which reads as zeros; returns its first page. */
	reserve(bytes: number): number {
		const pages = Math.ceil(bytes / pageBytes);
		const hole = this.#holes.find((one) => one.pages >= pages);
		const page = hole?.page ?? Atomics.add(this.#words, word.nextPage, pages);
		check(addon().reserveExtent(this.fd, page * pageBytes, pages * pageBytes), 'make room for messages of an MPI job');
		if (hole !== undefined) {
			hole.page += pages;
			hole.pages -= pages;
			if (hole.pages === 0) this.#holes.splice(this.#holes.indexOf(hole), 1);
		}
		return page;
	}

	/** Gives back what this process has reserved and nobody uses. Where it is still mapped, it reads as zeros. */
	release(page: number, bytes: number): void {
		const pages = Math.ceil(bytes / pageBytes);
		check(addon().releaseExtent(this.fd, page * pageBytes, pages * pageBytes), 'give back memory of an MPI job');
		this.#holes.push({ page, pages });
	}

	/** As long as `bytes`, also where that is no whole page: bounds are checked by it. */
	map(page: number, bytes: number): ArrayBuffer {
		return check(addon().mapExtent(this.fd, page * pageBytes, bytes), 'map memory of an MPI job');
	}

	/** The words of a rank's inbox within `words`. */
	inboxOf(rank: number): number {
		return this.#block(rank) + this.#layout.inbox;
	}

	/** Where in `words` the counter of all ranks' barriers lies. */
	get barrierWord(): number {
		return this.#layout.barrier;
	}

	get words(): Int32Array {
		return this.#words;
	}

	#block(rank: number): number {
		return word.blocks + rank * this.#layout.blockWords;
	}
}

interface Layout {
	/** Within a rank's block. */
	readonly waiters: number;
	readonly inbox: number;
	readonly blockWords: number;
	readonly directory: number;
	readonly barrier: number;
	readonly words: number;
}

function layoutFor(size: number): Layout {
	const waiters = field.record + waitRecordWords(size);
	const inbox = waiters + waiterSetWords;
	// Whole cache lines, so that ranks do not get into each other's way.
	const blockWords = Math.ceil((inbox + Math.ceil(size / 32)) / 16) * 16;
	const directory = word.blocks + size * blockWords;
	const barrier = Math.ceil((directory + size * size) / 16) * 16;
	return { waiters, inbox, blockWords, directory, barrier, words: barrier + arrivalsWords(size) };
}
