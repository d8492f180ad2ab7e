/**
 * How sends go to other ranks.
 *
 * **Sends.** What fits into the ring is put there, and the send is complete. A long message gets a block; when none is
 * free, it waits (`outbox`), and with it what goes to the same rank later. But the receiver may want to have just one
 * of those first, so before this rank sleeps, or when it has looked in vain for a while, what waits is announced
 * without a block (`messageKind.request`): the receiver asks for the block when it has matched the message.
 *
 * **A synchronous send** is complete when the receiver says that it is matched; it has a number for that.
 */
import type { Block } from './block.ts';
import type { BlockPool } from './block-pool.ts';
import type { Link } from './link.ts';
import type { NumberedOperations } from './numbered-operations.ts';
import type { Operation } from './operation.ts';
import { messageKind, synchronousFlag } from './ring.ts';
import { OutStream, type Streams } from './streams.ts';

/** Whoever is told that an operation is done, or that something else has happened. */
export interface Settler {
	settle(operation: Operation): void;
	note(): void;
}

interface Parts {
	/** Undefined in a world of one. */
	readonly blocks: BlockPool | undefined;
	readonly streams: Streams;
	readonly numbers: NumberedOperations;
	readonly settle: Settler;
}

/** A matched message whose receiver has asked for a block. */
interface Grant {
	readonly operation: Operation;
	readonly link: Link;
	/** Of the receive, at the receiver. */
	readonly receive: number;
}

const looksInVain = 2000;

export class Sends {
	readonly blocks: BlockPool | undefined;
	readonly #streams: Streams;
	readonly #numbers: NumberedOperations;
	readonly #settler: Settler;
	readonly #waiting: Link[] = [];
	readonly #grants: Grant[] = [];
	#vainLooks = 0;

	constructor({ blocks, streams, numbers, settle }: Parts) {
		this.blocks = blocks;
		this.#streams = streams;
		this.#numbers = numbers;
		this.#settler = settle;
	}

	/** Whether something waits for room or for blocks. */
	get isBusy(): boolean {
		return this.#waiting.length > 0 || this.#grants.length > 0;
	}

	start(link: Link, operation: Operation): void {
		if (link.outbox.length === 0 && this.#announce(link, operation, 'with block')) return;
		link.outbox.push(operation);
		this.#noteWaiting(link);
	}

	/** Takes back a send that was not announced; false when it was. */
	withdraw({ outbox }: Link, operation: Operation): boolean {
		const index = outbox.indexOf(operation);
		if (index >= 0) outbox.splice(index, 1);
		return index >= 0;
	}

	/** Takes what waits to be sent, or to be said, to a rank; gives its sends. */
	takeAll(link: Link): Operation[] {
		const granted = this.#grants.filter((grant) => grant.link === link);
		for (const grant of granted) this.#grants.splice(this.#grants.indexOf(grant), 1);
		const index = this.#waiting.indexOf(link);
		if (index >= 0) this.#waiting.splice(index, 1);
		link.forgetWords();
		return [...link.outbox.splice(0), ...granted.map(({ operation }) => operation)];
	}

	/** Says something about a message. */
	say(link: Link, kind: number, first: number, second = 0): void {
		link.say(kind, first, second);
		if (link.isWaiting) this.#noteWaiting(link);
	}

	/** The receiver of a message has matched it, and wants it in a block. */
	grant(link: Link, operation: Operation, receive: number): void {
		operation.isSynchronous = false;
		this.#grants.push({ operation, link, receive });
	}

	/** As far as there are room and blocks. */
	serve(): void {
		this.#serveGrants();
		const isVain = ++this.#vainLooks > looksInVain;
		for (let i = this.#waiting.length - 1; i >= 0; i--) {
			const link = this.#waiting[i]!;
			if (isVain) this.#announceAll(link);
			else if (link.sayRest()) while (link.outbox.length > 0 && this.#announce(link, link.outbox[0]!, 'with block')) this.#shift(link);
			if (link.isWaiting) continue;
			link.wantNoRoom();
			this.#waiting.splice(i, 1);
		}
	}

	/**
	 * What is wanted of others is said to them; a look follows. Whether there is room by now is looked at here, since
	 * the look announces nothing without a block.
	 */
	prepareToSleep(): void {
		for (const link of this.#waiting) {
			link.wantRoom();
			this.#announceAll(link);
		}
		this.blocks?.want();
	}

	#announce(link: Link, operation: Operation, way: 'with block' | 'without block'): boolean {
		const { memory, tag, context, isSynchronous } = operation;
		const { writer } = link;
		const { length } = memory;
		const flag = isSynchronous ? synchronousFlag : 0;
		if ((isSynchronous || way === 'without block') && operation.number === 0) this.#numbers.give(operation, length);
		if (length <= writer.mostBytes) {
			if (!writer.write(messageKind.data | flag, memory, length, tag, context, operation.number)) return false;
			if (!isSynchronous) finishSend(this.#settler, operation);
		} else if (way === 'without block') {
			if (!writer.writeControl(messageKind.request | flag, length, tag, context, operation.number, 0)) return false;
		} else {
			const block = this.blocks!.lend(length, 'unasked');
			if (block === undefined) return false;
			if (!writer.writeControl(messageKind.block | flag, length, tag, context, block.page, operation.number)) {
				this.blocks!.takeBack(block);
				return false;
			}
			this.#stream(link, operation, block);
		}
		this.#settler.note();
		link.signal();
		return true;
	}

	#announceAll(link: Link): void {
		if (!link.sayRest()) return;
		while (
			link.outbox.length > 0 &&
			(this.#announce(link, link.outbox[0]!, 'with block') || this.#announce(link, link.outbox[0]!, 'without block'))
		)
			this.#shift(link);
	}

	#shift(link: Link): void {
		link.outbox.shift();
		this.#vainLooks = 0;
	}

	/** The receiver is told first, so that it can follow. */
	#stream(link: Link, operation: Operation, block: Block): void {
		link.signal();
		const finish = (): void => (operation.isSynchronous ? undefined : finishSend(this.#settler, operation));
		this.#streams.add(new OutStream(link, operation, block, finish));
	}

	#noteWaiting(link: Link): void {
		if (this.#waiting.includes(link)) return;
		this.#waiting.push(link);
		this.#settler.note();
	}

	#serveGrants(): void {
		for (let grant = this.#grants[0]; grant !== undefined; grant = this.#grants[0]) {
			const { operation, link, receive } = grant;
			const block = this.blocks!.lend(operation.memory.length, 'asked for');
			if (block === undefined) return;
			this.#grants.shift();
			this.#settler.note();
			this.say(link, messageKind.granted, receive, block.page);
			this.#stream(link, operation, block);
		}
	}
}

export function finishSend(settler: Settler, operation: Operation): void {
	operation.bytes = operation.memory.length;
	settler.settle(operation);
}
