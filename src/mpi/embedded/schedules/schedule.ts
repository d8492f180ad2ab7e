/**
 * A collective algorithm is a generator that starts transfers and yields those that it waits for. So each algorithm is
 * written once: a blocking call runs it and waits at each yield, a request keeps it and progress goes on with it.
 *
 * **What a schedule may rely on.** Messages of one tag from one rank to another arrive in the order in which they were
 * sent, and are matched in the order in which receives were posted. All ranks call the collectives of a communicator in
 * the same order, so whoever makes the schedules numbers them, and the number is their `tag`: several may be under way
 * at once.
 *
 * **What is wrong does not stop it.** A transfer that failed (a message longer than its room) is noted, and the
 * algorithm goes on with what there is, since others wait for its messages. It returns the class of the first error in
 * the end, 0 without one. What a user's operation throws is thrown then, too.
 */
import type { Datatypes } from '../datatypes/datatypes.ts';
import type { Ops } from '../ops/ops.ts';

/** A send or a receive under way. */
export interface Transfer {
	readonly done: boolean;
	/** Class of the error; 0 without one. */
	readonly error: number;
	/** How long the received message was; with ERR_TRUNCATE longer than its room. */
	readonly bytes: number;
}

/** Point-to-point of bytes among the members of one communicator, apart from the messages of the program. */
export interface Channel {
	readonly rank: number;
	/** Of the own group. */
	readonly size: number;
	/** The bytes stay as they are until it is done. */
	isend(bytes: Uint8Array, dest: number, tag: number): Transfer;
	/** A longer message fills the bytes, and is ERR_TRUNCATE. */
	irecv(bytes: Uint8Array, source: number, tag: number): Transfer;
	/**
	 * As irecv, where the algorithm has nothing else to do before the message is there, and has sent what others need
	 * first: a call that blocks anyway waits for a moment, and is spared an operation.
	 */
	recv(bytes: Uint8Array, source: number, tag: number): Transfer;
	/** Undefined where barriers go by messages. */
	readonly centralBarrier?: CentralBarrier | undefined;
}

/** Barriers of the members of a channel by a counter in shared memory instead of by messages (counted-barrier.ts). */
export interface CentralBarrier {
	/** Called at each barrier, in their order. True for one by messages, in which rank 0 tells the others the place. */
	begin(): boolean;
	/** By rank 0, at such a barrier. */
	make(): CounterPlace;
	/** By all, at its end. */
	use(place: CounterPlace): void;
	/** Done when all have arrived as often. */
	arrive(): Transfer;
	/** The members have no more barriers. */
	leave(): void;
}

/** Where the counter lies. */
export interface CounterPlace {
	/** Of the job's file. */
	readonly page: number;
	/** How many barriers it has seen before. */
	readonly barriers: number;
}

/** Of an intercommunicator: `dest` and `source` are ranks of the other group. */
export interface InterChannel extends Channel {
	readonly remoteSize: number;
	/** Among the members of the own group. */
	readonly local: Channel;
}

/**
 * Ranks that neighbourhood collectives receive from and send to, in the order of their buffers' blocks; PROC_NULL where
 * there is none.
 */
export interface Neighborhood {
	readonly sources: readonly number[];
	readonly destinations: readonly number[];
	/**
	 * Of a Cartesian topology: what goes in one direction of a dimension arrives from the other, also where both are
	 * the same rank.
	 */
	readonly isCartesian: boolean;
}

/** One call of a collective operation. */
export interface Collective {
	readonly channel: Channel | InterChannel;
	readonly tag: number;
	readonly types: Datatypes;
	readonly ops: Ops;
	readonly neighborhood?: Neighborhood;
}

/** Yields what it waits for (all of it), and is resumed when it is done. Returns the class of an error, or 0. */
export type Schedule = Generator<readonly Transfer[], number, void>;

export function isInter(channel: Channel | InterChannel): channel is InterChannel {
	return 'remoteSize' in channel;
}

/** The first error among these and the one known before. */
export function firstError(error: number, transfers: readonly Transfer[]): number {
	if (error !== 0) return error;
	for (const transfer of transfers) if (transfer.error !== 0) return transfer.error;
	return 0;
}
