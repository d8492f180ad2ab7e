/**
 * JoinableQueue: a queue that knows how many of its items are still being worked on. As Python's, and:
 *
 * A consumer that dies between `get` and `taskDone` does not make `join` wait for ever. Its items are lost, and all who join are told so
 * once, by a WorkerDiedError; after that the items count as done, and a new `join` waits for the others.
 */
import { Deadline, type Wait } from '../base/deadline.ts';
import { NprocsError, WorkerDiedError } from '../base/errors.ts';
import { registerKind } from '../codec/handle.ts';
import { waitFor, waitForSync } from '../sync/waiter.ts';
import { WaiterSet } from '../sync/waiter-set.ts';
import { ConsumerLedger } from './ledger.ts';
import { checkMaxsize, Queue } from './queue.ts';
import { participants, Stream } from './stream.ts';

const kind = 'JoinableQueue';
const extraWords = (ConsumerLedger.words + WaiterSet.words + 15) & ~15;

export class JoinableQueue<T = unknown> extends Queue<T> {
	readonly #ledger: ConsumerLedger;
	readonly #joiners: WaiterSet;
	#lostBefore: number;

	constructor(maxsize?: number);
	/** @internal */
	constructor(maxsize: number, stream: Stream);
	constructor(maxsize: number = 0, stream?: Stream) {
		super(maxsize, stream ?? Stream.create(kind, { maxCount: checkMaxsize(maxsize), extraWords }));
		const { segment, ring, extra } = this.stream;
		this.#ledger = new ConsumerLedger(segment.int32.subarray(extra, extra + ConsumerLedger.words), ring, participants);
		this.#joiners = new WaiterSet(segment, extra + ConsumerLedger.words);
		this.stream.ledger = this.#ledger;
		this.#lostBefore = this.#ledger.lost().count;
	}

	/**
	 * Says that an item is done that this process has taken before.
	 *
	 * @throws ERR_NPROCS_TASK_DONE when it is called more often than items were put in
	 */
	taskDone(): void {
		this.stream.checkOpen();
		const isCounted = this.#withHead(() => this.#ledger.done());
		if (!isCounted) {
			throw new NprocsError('taskDone() was called too many times: all items that were put in are done.', { code: 'ERR_NPROCS_TASK_DONE' });
		}
		if (this.#ledger.unfinished() === 0) this.#joiners.wakeAll();
	}

	/**
	 * Waits until every item that was put in is done; false when the time is up.
	 *
	 * @throws WorkerDiedError when a consumer died with items in hand
	 */
	async join(wait?: Wait): Promise<boolean> {
		const deadline = Deadline.from(wait);
		this.stream.checkOpen();
		const onSlice = (): void => this.#writeOff();
		this.#writeOff();
		return (await waitFor(this.#joiners, this.#joined, deadline, { onSlice, independent: true })) === true;
	}

	/** As `join`, but blocks this thread. */
	joinSync(wait?: Wait): boolean {
		const deadline = Deadline.from(wait);
		this.stream.checkOpen();
		const onSlice = (): void => this.#writeOff();
		this.#writeOff();
		return waitForSync(this.#joiners, this.#joined, deadline, { onSlice, spins: false }) === true;
	}

	override close(): void {
		if (!this.closed) this.stream.closeAnd(this.#joiners);
	}

	readonly #joined = (): true | undefined => {
		this.stream.checkOpen();
		const { count, pid } = this.#ledger.lost();
		if (count !== this.#lostBefore) {
			const lost = (count - this.#lostBefore) | 0;
			this.#lostBefore = count;
			const what = lost === 1 ? 'an item that it had' : `${lost} items that they had`;
			throw new WorkerDiedError(
				`A consumer of the queue (pid ${pid}) died with ${what} taken and not done. What it had is lost; join again to wait for the rest.`,
				{
					pid,
					exitCode: null,
					signal: null,
					task: what,
				},
			);
		}
		return this.#ledger.unfinished() === 0 || undefined;
	};

	#writeOff(): void {
		if (!this.#ledger.hasDead()) return;
		this.#withHead(() => {
			this.#ledger.writeOff();
			return true;
		});
		this.#joiners.wakeAll();
	}

	/** Runs it under the lock of the ring's head, which others hold for microseconds. */
	#withHead<R>(run: () => R): R {
		const { ring, items } = this.stream;
		const attempt = (): { result: R } | undefined => {
			if (!this.stream.tryHead()) return undefined;
			try {
				return { result: run() };
			} finally {
				ring.unlockHead();
				this.stream.passOn();
			}
		};
		return waitForSync(items, attempt, Deadline.never, this.stream.getting)!.result;
	}
}

registerKind(kind, (name: string) => new JoinableQueue(0, Stream.open(kind, name, extraWords)));
