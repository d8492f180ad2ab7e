/**
 * A rank's end of all rings: receives and messages, matched and carried on; how sends go is in sends.ts. Nothing here
 * waits; whoever waits calls `progress` again and again (waits.ts).
 *
 * A message that a posted receive waits for goes from the ring into the user's memory. Small ones that nobody expects
 * are copied out of the ring, so that it never clogs; those in blocks stay there (block-pool.ts).
 *
 * What a rank sends to itself does not pass a ring: the receive copies from the send's memory, or what was sent is kept
 * as a message that nobody expected.
 */
import { ERR_PROC_FAILED, ERR_TRUNCATE } from '../../constants.ts';
import { BlockPool } from './block-pool.ts';
import type { Job } from '../job/job.ts';
import { Link, usesInbox } from './link.ts';
import { MatchQueues, type UnexpectedMessage } from './matching.ts';
import type { Operation } from './operation.ts';
import { unpackFrom } from '../datatypes/pack.ts';
import { kindMask, messageKind, synchronousFlag, type RingReader } from './ring.ts';
import { NumberedOperations } from './numbered-operations.ts';
import { finishSend, Sends } from './sends.ts';
import { InStream, Streams, type Stream } from './streams.ts';

const mostPerDrain = 256;

export class Endpoint {
	readonly rank: number;
	readonly size: number;
	/** How much has happened: differs when something may be complete that was not. */
	changes = 0;
	/** Called whenever something has happened; undefined while nobody is interested. */
	onChange: (() => void) | undefined;
	/** What goes on when transfers are done; run by `progress` when all rings were looked at. */
	readonly ready: { goOn(): void }[] = [];
	/** Called when an operation with a callback is done. */
	onCallback: ((operation: Operation, callback: () => void) => void) | undefined;
	/** Undefined in a world of one. */
	readonly job: Job | undefined;
	/** By rank; none for this one. */
	readonly #links: readonly (Link | undefined)[];
	readonly #others: readonly Link[];
	readonly #inbox: number;
	readonly #queues: (MatchQueues | undefined)[] = [];
	readonly #streams = new Streams();
	readonly #numbers = new NumberedOperations();
	readonly #sends: Sends;
	#isGoingOn = false;

	/** `job` undefined: a world of one. */
	constructor(rank: number, size: number, job: Job | undefined) {
		this.rank = rank;
		this.size = size;
		this.job = job;
		this.#links = Array.from({ length: size }, (_, peer) => (job === undefined || peer === rank ? undefined : new Link(job, rank, peer)));
		this.#others = this.#links.filter((link) => link !== undefined);
		const blocks = job === undefined ? undefined : new BlockPool(job);
		this.#sends = new Sends({ blocks, streams: this.#streams, numbers: this.#numbers, settle: this });
		this.#inbox = job !== undefined && usesInbox(size) ? job.inboxOf(rank) : -1;
	}

	queuesOf(id: number): MatchQueues {
		while (this.#queues.length <= id) this.#queues.push(undefined);
		return (this.#queues[id] ??= new MatchQueues(id));
	}

	/** Whether nothing is under way that progress must carry on but what arrives. */
	get isQuiet(): boolean {
		return this.#streams.isEmpty && !this.#sends.isBusy && this.ready.length === 0;
	}

	// ---- Sending ----

	/** Sends a small message if that can be done at once, without an operation. */
	trySend(memory: Uint8Array, length: number, dest: number, tag: number, context: number): boolean {
		const link = this.#links[dest];
		if (link === undefined || link.outbox.length > 0) return false;
		const { writer } = link;
		if (length > writer.mostBytes || !writer.write(messageKind.data, memory, length, tag, context, 0)) return false;
		link.signal();
		return true;
	}

	startSend(operation: Operation): void {
		const link = this.#links[operation.peer];
		if (link === undefined) this.#sendToSelf(operation);
		else this.#sends.start(link, operation);
	}

	/** Takes back a send that was not announced. */
	withdrawSend(operation: Operation): boolean {
		const link = this.#links[operation.peer];
		return link !== undefined && this.#sends.withdraw(link, operation);
	}

	/** Whether sends of this rank are under way, whose memory or blocks are needed. */
	get isSending(): boolean {
		return this.#sends.isBusy || this.#streams.hasOutgoing || this.#numbers.hasSends;
	}

	/** The rank has died: what it has not received will never be, and what it has not sent will never come. */
	abandon(rank: number): void {
		const link = this.#links[rank];
		if (link === undefined) return;
		while (!this.#drain(link));
		if (!this.#streams.isEmpty) this.#streams.carry();
		const lost = [...this.#sends.takeAll(link), ...this.#streams.takeAll(rank), ...this.#numbers.of(rank)];
		for (const queues of this.#queues) lost.push(...(queues?.takePostedFor(rank) ?? []));
		for (const operation of lost) {
			if (operation.done) continue;
			operation.error = ERR_PROC_FAILED;
			this.settle(operation);
		}
	}

	#sendToSelf(operation: Operation): void {
		const { memory, tag, context, isSynchronous } = operation;
		const { posted, unexpected } = this.queuesOf(context);
		const receive = posted.length === 0 ? undefined : this.queuesOf(context).takePosted(this.rank, tag);
		if (receive !== undefined) {
			this.#fill(receive, this.rank, tag, memory);
			return finishSend(this, operation);
		}
		unexpected.push({
			source: this.rank,
			tag,
			length: memory.length,
			kind: messageKind.data,
			isSynchronous,
			number: 0,
			page: 0,
			data: isSynchronous ? memory : memory.slice(),
			own: isSynchronous ? operation : undefined,
		});
		this.note();
		if (!isSynchronous) finishSend(this, operation);
	}

	// ---- Receiving ----

	/** Matches a receive with a message that has arrived, or posts it. */
	startReceive(operation: Operation): void {
		const queues = this.queuesOf(operation.context);
		const message = queues.takeUnexpected(operation.peer, operation.tag);
		if (message === undefined) queues.posted.push(operation);
		else this.receive(operation, message);
	}

	/** Receives a message that was taken out of the matching. */
	receive(operation: Operation, message: UnexpectedMessage): void {
		const { source, tag, length, kind, isSynchronous, number, page, data, own } = message;
		if (isSynchronous && source !== this.rank && kind !== messageKind.request) this.#sends.say(this.#links[source]!, messageKind.matched, number);
		if (data !== undefined) this.#fill(operation, source, tag, data);
		else this.#receiveLong(operation, source, tag, { kind, length, page, number });
		if (own !== undefined) finishSend(this, own);
	}

	#receiveLong(operation: Operation, source: number, tag: number, message: { kind: number; length: number; page: number; number: number }): void {
		operation.peer = source;
		operation.tag = tag;
		if (message.kind === messageKind.block) return this.#follow(operation, message.page, message.length);
		this.#numbers.give(operation, message.length);
		this.#sends.say(this.#links[source]!, messageKind.wanted, message.number, operation.number);
	}

	#follow(operation: Operation, page: number, length: number): void {
		const link = this.#links[operation.peer]!;
		this.#streams.add(new InStream(link, operation, this.#sends.blocks!.open(page), length, () => this.#finishReceive(operation, length)));
	}

	/** From memory of this rank. */
	#fill(operation: Operation, source: number, tag: number, data: Uint8Array): void {
		const { memory } = operation;
		operation.peer = source;
		operation.tag = tag;
		memory.set(data.length <= memory.length ? data : data.subarray(0, memory.length));
		this.#finishReceive(operation, data.length);
	}

	/** A message whose data were put into the operation's memory. */
	#finishReceive(operation: Operation, length: number): void {
		const { memory, view, layout, count } = operation;
		operation.bytes = Math.min(length, memory.length);
		if (length > memory.length) operation.error = ERR_TRUNCATE;
		if (layout !== undefined) unpackFrom(memory.subarray(0, operation.bytes), { view: view!, byteOffset: 0 }, count, layout);
		this.settle(operation);
	}

	/** It is done: whoever follows goes on. */
	settle(operation: Operation): void {
		operation.done = true;
		this.note();
		if (operation.number !== 0) this.#numbers.take(operation);
		operation.follower?.transferDone();
		const { callback } = operation;
		if (callback === undefined) return;
		operation.callback = undefined;
		this.onCallback!(operation, callback);
	}

	/** Lets another rank look again, if it sleeps. */
	wake(rank: number): void {
		this.#links[rank]!.wake();
	}

	/** Goes on with it at each look, until it is through. */
	carry(stream: Stream): void {
		this.#streams.add(stream);
	}

	// ---- Progress ----

	/** Something has happened. */
	note(): void {
		this.changes++;
		this.onChange?.();
	}

	/** The ring from a rank, for who waits for a message of it alone. */
	readerFrom(rank: number): RingReader | undefined {
		const link = this.#links[rank];
		return link === undefined ? undefined : (link.reader ?? link.findReader());
	}

	/** Its message was taken by who waited for it. */
	advance(reader: RingReader, peer: number): void {
		this.changes++;
		if (reader.advance()) this.#links[peer]!.wake();
	}

	/** Takes what has arrived, and carries on what is under way, as far as that goes without waiting. */
	progress(): void {
		if (this.#inbox >= 0) this.#drainSignalled();
		else for (const link of this.#others) this.#drain(link);
		// Who watches for deadlocks must see that a long message goes on.
		if (!this.#streams.isEmpty && this.#streams.carry()) this.changes++;
		if (this.#sends.isBusy) this.#sends.serve();
		if (this.ready.length > 0) this.goOn();
	}

	/** Resumes what waited for transfers. */
	goOn(): void {
		if (this.#isGoingOn) return;
		this.#isGoingOn = true;
		try {
			for (let next = this.ready.shift(); next !== undefined; next = this.ready.shift()) next.goOn();
		} finally {
			this.#isGoingOn = false;
		}
	}

	/**
	 * The last look before this rank sleeps, when it has said already that it waits: it tells all others how far it is
	 * and what it wants of them, and makes progress, until that changes nothing any more. For progress may begin
	 * something new (the next part of a collective operation, which waits for a block), and who has not said that it
	 * wants a thing is not woken when it is there.
	 */
	comeToRest(): void {
		for (let before = -1; before !== this.changes;) {
			before = this.changes;
			this.#sayWhatIsWanted();
			this.progress();
		}
	}

	#sayWhatIsWanted(): void {
		for (const link of this.#others) if (link.reader?.tell() === true) link.wake();
		if (this.#sends.isBusy || !this.#streams.isEmpty) this.#sends.prepareToSleep();
	}

	#drainSignalled(): void {
		const { words } = this.job!;
		for (let i = 0; i << 5 < this.size; i++) {
			if (Atomics.load(words, this.#inbox + i) === 0) continue;
			for (let bits = Atomics.exchange(words, this.#inbox + i, 0); bits !== 0; bits &= bits - 1) {
				const bit = bits & -bits;
				if (!this.#drain(this.#links[i * 32 + 31 - Math.clz32(bit)]!)) Atomics.or(words, this.#inbox + i, bit);
			}
		}
	}

	/** False when there may be more. */
	#drain(link: Link): boolean {
		const reader = link.reader ?? link.findReader();
		if (reader === undefined) return true;
		let count = 0;
		for (; reader.hasNext(); count++) {
			if (count === mostPerDrain) return false;
			this.#take(link, reader);
			if (reader.advance()) link.wake();
		}
		if (count === 0 && reader.tell()) link.wake();
		return true;
	}

	#take(link: Link, reader: RingReader): void {
		const { flags } = reader;
		const kind = flags & kindMask;
		this.note();
		if (kind > messageKind.request) return this.#hear(link, kind, reader.first, reader.second);
		const { tag, length } = reader;
		const isSynchronous = (flags & synchronousFlag) !== 0;
		const queues = this.queuesOf(reader.context);
		const operation = queues.posted.length === 0 ? undefined : queues.takePosted(link.rank, tag);
		const number = kind === messageKind.block ? reader.second : kind === messageKind.request ? reader.first : isSynchronous ? reader.number : 0;
		const page = kind === messageKind.block ? reader.first : 0;
		if (operation === undefined) {
			const data = kind === messageKind.data ? new Uint8Array(length) : undefined;
			if (data !== undefined) reader.copyTo(data, length);
			queues.unexpected.push({ source: link.rank, tag, length, kind, isSynchronous, number, page, data, own: undefined });
			return;
		}
		if (isSynchronous && kind !== messageKind.request) this.#sends.say(link, messageKind.matched, number);
		if (kind !== messageKind.data) return this.#receiveLong(operation, link.rank, tag, { kind, length, page, number });
		reader.copyTo(operation.memory, Math.min(length, operation.memory.length));
		operation.peer = link.rank;
		operation.tag = tag;
		this.#finishReceive(operation, length);
	}

	/** A word of another rank about a message. */
	#hear(link: Link, kind: number, first: number, second: number): void {
		const operation = this.#numbers.find(first)!;
		if (kind === messageKind.wanted) this.#sends.grant(link, operation, second);
		else if (kind === messageKind.granted) this.#follow(operation, second, this.#numbers.lengthOf(operation));
		else if (this.#streams.has(operation)) operation.isSynchronous = false;
		else finishSend(this, operation);
	}
}
