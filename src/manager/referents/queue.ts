/**
 * Queues in the server. What a client was to get and has not, because it died before the answer reached it, goes back
 * to where it was; `putBack` does that, and nothing else uses it.
 */
import { checkArgument, integerFrom } from '../../base/arguments.ts';
import { ClosedError, Empty, EOFError, Full, NprocsError, WorkerDiedError } from '../../base/errors.ts';
import type { Call } from '../call.ts';
import { kinds } from '../methods.ts';
import type { Session } from '../session.ts';
import { Waiters } from '../waiters.ts';
import { Referent } from './referent.ts';

const kindOf = { sender: 'QueueSenderProxy', receiver: 'QueueReceiverProxy' } as const;

interface Putting {
	readonly items: unknown[];
}

interface Getting {
	/** undefined: one, by itself. */
	readonly most: number | undefined;
}

export class QueueReferent extends Referent {
	readonly kind: string = 'QueueProxy';
	protected readonly items: unknown[] = [];
	readonly #maxsize: number;
	readonly #putters = new Waiters<Putting>();
	readonly #getters = new Waiters<Getting>();
	/** Nothing more comes, from anybody. */
	#isFinished = false;
	/** Sides that somebody has; and whether nobody has the whole queue any more. */
	readonly #sides = { sender: 0, receiver: 0 };
	#isLetGo = false;

	constructor(maxsize: number = 0) {
		super();
		checkArgument('the size of a Queue', maxsize, integerFrom(Number.MIN_SAFE_INTEGER));
		this.#maxsize = maxsize > 0 ? maxsize : Infinity;
	}

	get content(): unknown {
		return { size: this.items.length };
	}

	put(call: Call, item: unknown, timeoutMs?: number): unknown {
		return this.putMany(call, [item], timeoutMs);
	}

	/** When the time is up, some of the items are in: `count` of the Full says how many. */
	putMany(call: Call, values: Iterable<unknown>, timeoutMs?: number): unknown {
		const items = [...values];
		const count = items.length;
		const refusal = this.#refusal();
		if (refusal !== undefined) throw refusal;
		if (this.#putters.size === 0) this.#take(items);
		if (items.length === 0) return undefined;
		const late = (): Full =>
			Object.assign(new Full('The queue is full: there was no room for another item in time.'), { count: count - items.length });
		if (timeoutMs !== undefined && timeoutMs <= 0) throw late();
		return this.#putters.add(call, { items }, { timeoutMs, onTimeout: () => call.fail(late()) });
	}

	get(call: Call, timeoutMs?: number): unknown {
		return this.#get(call, undefined, timeoutMs);
	}

	getMany(call: Call, most: number = Infinity, timeoutMs?: number): unknown {
		checkArgument('the most items to take', most, { what: 'a number from 1 on', has: (value) => typeof value === 'number' && value >= 1 });
		return this.#get(call, most, timeoutMs);
	}

	putNowait(call: Call, item: unknown): unknown {
		return this.put(call, item, 0);
	}

	getNowait(call: Call): unknown {
		return this.get(call, 0);
	}

	qsize(): number {
		return this.items.length;
	}

	empty(): boolean {
		return this.items.length === 0;
	}

	full(): boolean {
		return this.items.length >= this.#maxsize;
	}

	// --- sides and the end ---

	/** What is inside can be taken; then `get` is an EOFError. To put anything in is a ClosedError. */
	finish(): void {
		this.#isFinished = true;
		this.#look();
	}

	sender(): QueueSideReferent {
		this.#sides.sender++;
		return new QueueSideReferent(this, 'sender');
	}

	receiver(): QueueSideReferent {
		this.#sides.receiver++;
		return new QueueSideReferent(this, 'receiver');
	}

	/** Nobody has it any more. */
	letGo(side: Side): void {
		this.#sides[side]--;
		this.#look();
	}

	/** Nobody has the whole queue any more. */
	override end(): void {
		this.#isLetGo = true;
		this.#look();
	}

	/** Whether nothing more can come. */
	get #isOver(): boolean {
		return this.items.length === 0 && (this.#isFinished || (this.#isLetGo && this.#sides.sender === 0)) && this.#putters.size === 0;
	}

	/** Why nothing can be put in. */
	#refusal(): Error | undefined {
		if (this.#isFinished) return new ClosedError('Cannot put anything into this queue: it was ended, which holds for everybody.');
		if (!this.#isLetGo || this.#sides.receiver > 0) return undefined;
		const why = 'nobody is left to take it: no living process holds a receiver or the whole queue.';
		return new NprocsError(`Cannot put anything into this queue: ${why}`, { code: 'ERR_NPROCS_NO_READER' });
	}

	/** Those who wait for what will not come are told so. */
	#look(): void {
		const refusal = this.#refusal();
		if (refusal !== undefined) for (const call of this.#putters.splice()) call.fail(refusal);
		if (this.#isOver) for (const call of this.#getters.splice()) call.fail(ended());
	}

	/** What `get` has given, and nobody has got. */
	putBack(call: Pick<Call, 'session'>, item: unknown): void {
		this.putBackMany(call, [item]);
	}

	/** The same of `getMany`. */
	putBackMany({ session }: Pick<Call, 'session'>, items: unknown[]): void {
		this.notTaken(session, items.length);
		this.items.unshift(...items);
		this.#serve();
	}

	/** For a JoinableQueue: so many were put in; taken by a client; given back. */
	protected added(_count: number): void {}
	protected taken(_session: Session, _count: number): void {}
	protected notTaken(_session: Session, _count: number): void {}

	#get(call: Call, most: number | undefined, timeoutMs: number | undefined): unknown {
		if (this.items.length > 0 && this.#getters.size === 0) return this.#give(call, most);
		if (this.#isOver) throw ended();
		if (timeoutMs !== undefined && timeoutMs <= 0) throw empty();
		return this.#getters.add(call, { most }, { timeoutMs, onTimeout: () => call.fail(empty()) });
	}

	#give(call: Call, most: number | undefined): unknown {
		const items = this.items.splice(0, most ?? 1);
		this.taken(call.session, items.length);
		call.undo = () => this.putBackMany(call, items);
		if (this.#putters.size > 0) this.#serve();
		this.#look();
		return most === undefined ? items[0] : items;
	}

	/** As many as there is room for. */
	#take(items: unknown[]): void {
		const count = Math.min(items.length, this.#maxsize - this.items.length);
		if (count <= 0) return;
		this.items.push(...items.splice(0, count));
		this.added(count);
		this.#serve();
	}

	#serve(): void {
		for (;;) {
			const getter = this.items.length > 0 ? this.#getters.first : undefined;
			if (getter !== undefined) {
				this.#getters.remove(getter.call);
				getter.call.answer(this.#give(getter.call, getter.what.most));
				continue;
			}
			const putter = this.items.length < this.#maxsize ? this.#putters.first : undefined;
			if (putter === undefined) return;
			const { items } = putter.what;
			const count = Math.min(items.length, this.#maxsize - this.items.length);
			this.items.push(...items.splice(0, count));
			this.added(count);
			if (items.length > 0) continue;
			this.#putters.remove(putter.call);
			putter.call.answer(undefined);
		}
	}
}

function empty(): Empty {
	return new Empty('The queue is empty: no item came in time.');
}

function ended(): EOFError {
	return new EOFError('Nothing is left in this queue, and nothing more can come.');
}

type Side = 'sender' | 'receiver';

/**
 * The side of those who put in, or of those who take out. Each that was asked for is an object of its own, so that it
 * is known who is left. Its methods are the queue's; which of them clients may call, the table says.
 */
class QueueSideReferent extends Referent {
	readonly kind: 'QueueSenderProxy' | 'QueueReceiverProxy';
	readonly #queue: QueueReferent;
	readonly #side: Side;

	constructor(queue: QueueReferent, side: Side) {
		super();
		this.kind = kindOf[side];
		this.#queue = queue;
		this.#side = side;
	}

	get content(): unknown {
		return this.#queue.content;
	}

	override end(): void {
		this.#queue.letGo(this.#side);
	}

	static {
		for (const kind of Object.values(kindOf)) {
			for (const name of kinds.get(kind)!.keys()) {
				Object.defineProperty(this.prototype, name, {
					value(this: QueueSideReferent, ...args: never[]): unknown {
						return (this.#queue as unknown as Record<string, (...args: never[]) => unknown>)[name]!(...args);
					},
				});
			}
		}
	}
}

/**
 * Counts the items that were put in and are not done. Those that a dead client had taken are lost, and `join` says so.
 */
export class JoinableQueueReferent extends QueueReferent {
	override readonly kind = 'JoinableQueueProxy';
	#unfinished = 0;
	readonly #joiners = new Waiters();
	readonly #inHand = new Map<Session, { count: number; forget: () => void }>();
	/** What was lost since somebody was told. */
	#lost: WorkerDiedError | undefined;

	taskDone({ session }: Call): void {
		if (this.#unfinished === 0) {
			throw new NprocsError('taskDone() was called too many times: all items that were put in are done.', { code: 'ERR_NPROCS_TASK_DONE' });
		}
		this.notTaken(session, 1);
		this.#done(1);
	}

	join(call: Call, timeoutMs?: number): unknown {
		if (this.#lost !== undefined) {
			const lost = this.#lost;
			this.#lost = undefined;
			throw lost;
		}
		if (this.#unfinished === 0) return true;
		if (timeoutMs !== undefined && timeoutMs <= 0) return false;
		return this.#joiners.add(call, undefined, { timeoutMs, onTimeout: () => call.answer(false) });
	}

	protected override added(count: number): void {
		this.#unfinished += count;
	}

	protected override taken(session: Session, count: number): void {
		const inHand = this.#inHand.get(session);
		if (inHand !== undefined) inHand.count += count;
		else this.#inHand.set(session, { count, forget: session.onEnd(() => this.#writeOff(session)) });
	}

	protected override notTaken(session: Session, count: number): void {
		const inHand = this.#inHand.get(session);
		if (inHand === undefined || (inHand.count -= count) > 0) return;
		inHand.forget();
		this.#inHand.delete(session);
	}

	#done(count: number): void {
		this.#unfinished -= count;
		if (this.#unfinished === 0) for (const call of this.#joiners.splice()) call.answer(true);
	}

	#writeOff(session: Session): void {
		const count = this.#inHand.get(session)?.count ?? 0;
		this.#inHand.delete(session);
		if (count === 0) return;
		const what = count === 1 ? 'an item that it had' : `${count} items that it had`;
		const lost = new WorkerDiedError(
			`A consumer of the queue (${session.name}) ended with ${what} taken and not done. What it had is lost; join again to wait for the rest.`,
			{ pid: session.pid, exitCode: null, task: what },
		);
		const joiners = this.#joiners.splice();
		this.#lost = joiners.length === 0 ? lost : undefined;
		for (const call of joiners) call.fail(lost);
		this.#done(count);
	}
}
