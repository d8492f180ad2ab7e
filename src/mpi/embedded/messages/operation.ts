/**
 * A send or a receive under way. A blocking call uses one again and again; a request of the program has one, and so has
 * each transfer of a schedule.
 */
import type { BufferView } from '../../engine/buffers.ts';
import type { Layout } from '../datatypes/layout.ts';
import type { Transfer } from '../schedules/schedule.ts';

export const operationKind = { send: 0, receive: 1, collective: 2, arrival: 3 } as const;

/** Whose ranks an operation's are. */
export interface Members {
	/** Ranks of COMM_WORLD of all from whom a message could come, but this one. */
	readonly others: readonly number[];
	/** Of a rank of COMM_WORLD from which messages come. */
	rankOf(worldRank: number): number;
}

/** Who goes on when it is done. */
export interface Follower {
	transferDone(): void;
}

export class Operation implements Transfer {
	kind: number = operationKind.send;
	done = false;
	/** Class of the error; 0 without one. */
	error = 0;
	cancelled = false;
	/** What is sent, or filled: the user's memory, or a packed copy. */
	memory: Uint8Array = nothing;
	/** Received, or sent. */
	bytes = 0;
	context = 0;
	/** Of a send: its tag. Of a receive: the wanted one or ANY_TAG; the message's when it is done. */
	tag = 0;
	/**
	 * Ranks of COMM_WORLD. Of a send: where it goes. Of a receive: the wanted source or ANY_SOURCE; the message's when
	 * it is done.
	 */
	peer = 0;
	isSynchronous = false;
	/** Names it in what ranks say about messages. 0: none yet. */
	number = 0;
	/** Whose ranks its status is in; undefined: of no interest. */
	communicator: Members | undefined;
	/** Where a received message is unpacked to, when its elements are not one piece of memory. */
	view: BufferView | undefined;
	count = 0;
	layout: Layout | undefined;
	follower: Follower | undefined;
	/** Of a collective one: what it waits for. */
	running: { readonly name: string; readonly awaited: readonly Operation[]; readonly thrown: { readonly error: unknown } | undefined } | undefined;
	/** Of an arrival at a barrier: where. */
	place: { missing(): readonly number[] | undefined; readonly others: readonly number[] } | undefined;
	/** Called from the event loop when it is done. */
	callback: (() => void) | undefined;
	/** Memory of an attached buffer that it takes. */
	buffered = 0;
}

export const nothing: Uint8Array = new Uint8Array(0);
