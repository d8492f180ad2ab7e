/**
 * MPI's matching within one context, which says of what communicator a message is, and whether it is the program's or
 * one of a collective operation.
 *
 * Receives that were posted wait in the order of their posting, messages that nobody expected in the order of their
 * arrival. A message takes the first receive that it fits, a receive the first message: with rings in order, that is
 * MPI's rule that messages do not overtake each other. All ranks are those of COMM_WORLD.
 */
import { ANY_SOURCE, ANY_TAG } from '../../constants.ts';
import type { Operation } from './operation.ts';

/** A message that has arrived and was not matched. */
export interface UnexpectedMessage {
	readonly source: number;
	readonly tag: number;
	readonly length: number;
	/** One of messageKind. */
	readonly kind: number;
	/** Its sender waits until it is matched. */
	readonly isSynchronous: boolean;
	/** The number that its sender has given the send. */
	readonly number: number;
	/** Where in the job's file the block begins in which it lies. */
	readonly page: number;
	/** Its data, if it was small. */
	readonly data: Uint8Array | undefined;
	/** A synchronous send of this rank to itself. */
	readonly own: Operation | undefined;
}

/** The receives and messages of one context that are not matched: the standard's two queues. */
export class MatchQueues {
	readonly id: number;
	readonly posted: Operation[] = [];
	readonly unexpected: UnexpectedMessage[] = [];

	constructor(id: number) {
		this.id = id;
	}

	get isIdle(): boolean {
		return this.posted.length === 0 && this.unexpected.length === 0;
	}

	/** Takes the receive that a message goes to. */
	takePosted(source: number, tag: number): Operation | undefined {
		const { posted } = this;
		for (let i = 0; i < posted.length; i++) {
			const { peer, tag: wanted } = posted[i]!;
			if ((peer !== source && peer !== ANY_SOURCE) || (wanted !== tag && wanted !== ANY_TAG)) continue;
			return takeAt(posted, i);
		}
		return undefined;
	}

	/** Takes the receives that only this source could have completed. */
	takePostedFor(source: number): Operation[] {
		const taken = this.posted.filter(({ peer }) => peer === source);
		for (const operation of taken) this.withdraw(operation);
		return taken;
	}

	/** The place of the first message that a receive could take; -1: none. */
	find(source: number, tag: number): number {
		const { unexpected } = this;
		for (let i = 0; i < unexpected.length; i++) {
			const message = unexpected[i]!;
			if ((source === message.source || source === ANY_SOURCE) && (tag === message.tag || tag === ANY_TAG)) return i;
		}
		return -1;
	}

	takeUnexpected(source: number, tag: number): UnexpectedMessage | undefined {
		const index = this.unexpected.length === 0 ? -1 : this.find(source, tag);
		return index < 0 ? undefined : takeAt(this.unexpected, index);
	}

	/** False when it is not there any more. */
	withdraw(operation: Operation): boolean {
		const index = this.posted.indexOf(operation);
		if (index < 0) return false;
		this.posted.splice(index, 1);
		return true;
	}
}

function takeAt<T>(list: T[], index: number): T {
	return index === 0 ? list.shift()! : list.splice(index, 1)[0]!;
}
