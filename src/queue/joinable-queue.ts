/**
 * JoinableQueue: a queue that knows how many of its items are still being worked on. As Python's, and:
 *
 * A consumer that dies between `get` and `taskDone` does not make `join` wait for ever. Its items are lost, and all who
 * join are told so once, by a WorkerDiedError; after that the items count as done, and a new `join` waits for the
 * others. One that has ended regularly has lost nothing: it has handed its items on, and another one will say that they
 * are done.
 */
import { atExit, exitStep } from '../base/at-exit.ts';
import { nowMs } from '../base/clock.ts';
import { Deadline, type Wait } from '../base/deadline.ts';
import { NprocsError, WorkerDiedError } from '../base/errors.ts';
import { howItEnded } from '../base/exit-status.ts';
import { registerKind } from '../codec/handle.ts';
import { waitFor, waitForSync } from '../wait/waiter.ts';
import { WaiterSet } from '../wait/waiter-set.ts';
import { endingOf } from '../memory/endings.ts';
import { wasKilled } from '../memory/registry.ts';
import { extensionOf } from '../memory/token-table.ts';
import { waiterSetWords } from '../memory/word-counts.ts';
import { ConsumerLedger, type Consumers, type Lost } from './ledger.ts';
import { checkMaxsize, Queue } from './queue.ts';
import { QueueAccess } from './access.ts';
import { kindOfSide } from './side-kind.ts';
import { QueueReceiver } from './receiver.ts';
import { QueueSender } from './sender.ts';
import { EXTENT_BYTES } from '../stream/ring-layout.ts';
import type { Side } from '../stream/departures.ts';
import { ringParticipants, type Stream } from '../stream/stream.ts';

const kind = 'JoinableQueue';
/** Room for the entries of 4096 more consumers. */
const extraExtents = 2;
/** How long the exit code of a child that is gone is waited for. */
const exitCodeMs = 1000;

export class JoinableQueue<T = unknown> extends Queue<T> {
	readonly #unfinished: Unfinished;

	constructor(maxsize?: number);
	/** @internal */
	constructor(maxsize: number, access: QueueAccess);
	constructor(maxsize: number = 0, access?: QueueAccess) {
		super(maxsize, access ?? QueueAccess.create(kind, { maxCount: checkMaxsize(maxsize), extraWords: extraWords(), extraExtents }));
		this.#unfinished = new Unfinished(this.stream);
	}

	/**
	 * Says that an item is done: one that this process has taken, or one that another process has taken and handed on.
	 *
	 * @throws ERR_NPROCS_TASK_DONE when it is called more often than items were put in
	 */
	taskDone(): void {
		this.#unfinished.taskDone();
	}

	/**
	 * Waits until every item that was put in is done; false when the time is up.
	 *
	 * @throws WorkerDiedError when a consumer was killed, or ended with an error, with items in hand
	 */
	join(wait?: Wait): Promise<boolean> {
		return this.#unfinished.join(wait);
	}

	/** As `join`, but blocks this thread. */
	joinSync(wait?: Wait): boolean {
		return this.#unfinished.joinSync(wait);
	}

	/** As a Queue's; it can wait for the items, too. */
	override sender(): JoinableQueueSender<T> {
		this.stream.checkOpen();
		return new JoinableQueueSender(this.access, this.#unfinished);
	}

	/** As a Queue's; it can say that an item is done, too. */
	override receiver(): JoinableQueueReceiver<T> {
		this.stream.checkOpen();
		return new JoinableQueueReceiver(this.access, this.#unfinished);
	}
}

/** The side of those who put. */
export class JoinableQueueSender<T = unknown> extends QueueSender<T> {
	readonly #unfinished: Unfinished;

	/** @internal `unfinished` of the queue that it is a view of. */
	constructor(access: QueueAccess, unfinished?: Unfinished) {
		super(access, unfinished === undefined ? 'own' : 'view');
		this.#unfinished = unfinished ?? new Unfinished(access.stream);
	}

	/** As the queue's. */
	async join(wait?: Wait): Promise<boolean> {
		this.checkOpen();
		return this.#unfinished.join(wait);
	}

	/** As `join`, but blocks this thread. */
	joinSync(wait?: Wait): boolean {
		this.checkOpen();
		return this.#unfinished.joinSync(wait);
	}
}

/** The side of those who take. */
export class JoinableQueueReceiver<T = unknown> extends QueueReceiver<T> {
	readonly #unfinished: Unfinished;

	/** @internal `unfinished` of the queue that it is a view of. */
	constructor(access: QueueAccess, unfinished?: Unfinished) {
		super(access, unfinished === undefined ? 'own' : 'view');
		this.#unfinished = unfinished ?? new Unfinished(access.stream);
	}

	/** As the queue's. */
	taskDone(): void {
		this.checkOpen();
		this.#unfinished.taskDone();
	}
}

/**
 * What is still being worked on of the items of a stream; also sees to it that what is taken from the stream is on
 * record.
 */
class Unfinished {
	readonly #stream: Stream;
	readonly #ledger: ConsumerLedger;
	readonly #joiners: WaiterSet;
	/** Who wants the head of the ring, whether there is anything to take or not. */
	readonly #reporters: WaiterSet;
	#lostBefore: number;
	/** When a consumer was first seen to be gone of whom it is not known how it has ended. */
	#goneSinceMs: number | undefined;

	constructor(stream: Stream) {
		const { segment, ring, extra } = stream;
		const extension = extensionOf(segment, EXTENT_BYTES, extraExtents * EXTENT_BYTES);
		this.#stream = stream;
		this.#ledger = new ConsumerLedger({
			words: segment.int32.subarray(extra, extra + ConsumerLedger.words),
			ring,
			consumers: (consumers ??= { ...ringParticipants, wasKilled, exitCodeOf }),
			extension,
		});
		failWithThread(this.#ledger);
		this.#joiners = new WaiterSet(segment, extra + ConsumerLedger.words);
		this.#reporters = new WaiterSet(segment, extra + ConsumerLedger.words + waiterSetWords);
		stream.ledger = this.#ledger;
		stream.otherSets.push(this.#joiners, this.#reporters);
		stream.headSet = this.#reporters;
		this.#lostBefore = this.#ledger.lost().count;
	}

	taskDone(): void {
		this.#stream.checkOpen();
		const isCounted = this.#withHead(() => this.#ledger.done());
		if (!isCounted) {
			throw new NprocsError('taskDone() was called too many times: all items that were put in are done.', { code: 'ERR_NPROCS_TASK_DONE' });
		}
		if (this.#ledger.unfinished() === 0) this.#joiners.wakeAll();
	}

	async join(wait?: Wait): Promise<boolean> {
		const deadline = Deadline.from(wait);
		this.#stream.checkOpen();
		const onSlice = (): void => this.#lookForGone();
		this.#lookForGone();
		return (await waitFor(this.#joiners, this.#joined, deadline, { onSlice, independent: true })) === true;
	}

	joinSync(wait?: Wait): boolean {
		const deadline = Deadline.from(wait);
		this.#stream.checkOpen();
		const onSlice = (): void => this.#lookForGone();
		this.#lookForGone();
		return waitForSync(this.#joiners, this.#joined, deadline, { onSlice, spins: false }) === true;
	}

	readonly #joined = (): true | undefined => {
		this.#stream.checkOpen();
		const lost = this.#ledger.lost();
		if (lost.count !== this.#lostBefore) {
			const count = (lost.count - this.#lostBefore) | 0;
			this.#lostBefore = lost.count;
			throw lossError(lost, count);
		}
		return this.#ledger.unfinished() === 0 || undefined;
	};

	/**
	 * Called at each slice of a join. Of a child of this process it will soon be known how it has ended, so that is
	 * waited for, for a while.
	 */
	#lookForGone(): void {
		const gone = this.#ledger.gone();
		if (gone.length === 0) return;
		this.#goneSinceMs ??= nowMs();
		if (gone.some((pid) => endingOf(pid) === 'unknown yet') && nowMs() < this.#goneSinceMs + exitCodeMs) return;
		this.#settleGone();
	}

	#settleGone(): void {
		this.#goneSinceMs = undefined;
		this.#withHead(() => {
			this.#ledger.settleGone();
			return true;
		});
		this.#joiners.wakeAll();
	}

	/** Runs it under the lock of the ring's head, which others hold for microseconds. */
	#withHead<R>(run: () => R): R {
		const { ring } = this.#stream;
		const attempt = (): { result: R } | undefined => {
			if (!this.#stream.tryHead()) return undefined;
			try {
				return { result: run() };
			} finally {
				ring.unlockHead();
				this.#stream.passOn();
			}
		};
		return waitForSync(this.#reporters, attempt, Deadline.never)!.result;
	}
}

function exitCodeOf(pid: number): number | undefined {
	const ending = endingOf(pid);
	return ending === 'unknown yet' ? undefined : ending;
}

function lossError({ pid, item, exitCode: said }: Lost, count: number): WorkerDiedError {
	const exitCode = exitCodeOf(pid) ?? said ?? null;
	const which = `number ${item} of those that were put in`;
	const what = count === 1 ? `an item in hand, ${which}` : `${count} items in hand (others may have had some of them), the last one ${which}`;
	return new WorkerDiedError(
		`A consumer of the queue (pid ${pid}) ${howItEnded(exitCode)} with ${what}: taken, and not said to be done. It is lost; join again to wait for the rest.`,
		{ pid, exitCode, task: count === 1 ? `item ${item} of the queue` : `${count} items of the queue, the last one item ${item}` },
	);
}

const ledgers = new Set<WeakRef<ConsumerLedger>>();
let isAtExit = false;

/** When this thread ends with an error, what it has in hand is lost, and not handed on. */
function failWithThread(ledger: ConsumerLedger): void {
	for (const other of ledgers) if (other.deref() === undefined) ledgers.delete(other);
	ledgers.add(new WeakRef(ledger));
	if (isAtExit) return;
	isAtExit = true;
	atExit(exitStep.leave, (code) => {
		if (code !== 0) for (const one of ledgers) one.deref()?.fail(code);
	});
}

let consumers: Consumers | undefined;

function extraWords(): number {
	return (ConsumerLedger.words + 2 * waiterSetWords + 15) & ~15;
}

const open = (name: string, side?: Side): QueueAccess => QueueAccess.open(kind, name, { extraWords: extraWords(), side });

registerKind(kind, (name: string) => new JoinableQueue(0, open(name)));
registerKind(kindOfSide(kind, 'sender'), (name: string) => new JoinableQueueSender(open(name, 'sender')));
registerKind(kindOfSide(kind, 'receiver'), (name: string) => new JoinableQueueReceiver(open(name, 'receiver')));
