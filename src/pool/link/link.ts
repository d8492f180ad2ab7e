/**
 * What lies between a pool and one of its workers: a stream of calls, a stream of replies, and some words that both of
 * them see.
 *
 * The streams are what makes deaths exact. A worker takes one message at a time, and puts the reply before it takes the
 * next; both are one store each (ring.ts). So when it has died, the counts of the two streams tell what it had begun,
 * and what it had finished:
 *
 *   the call was not taken                 it has not begun: it runs elsewhere
 *   taken, and the reply is there          it has ended, and its result counts
 *   taken, and there is no reply           it was lost with the worker
 *
 * A *chunk* is one message with many items. Which of them has begun, and where it ends, is one word (claim.ts). Their
 * results are put in order, many in one message, and those that were not put yet lie in a log that the pool can read
 * (result-log.ts).
 */
import { registerKind, toHandle, type Handle, type Shareable } from '../../codec/handle.ts';
import { Stream } from '../../stream/stream.ts';
import { EXTENT_BYTES } from '../../stream/ring-layout.ts';
import { self } from '../../memory/registry.ts';
import { extensionOf } from '../../memory/token-table.ts';
import { waiterSetWords } from '../../memory/word-counts.ts';
import { WaiterSet } from '../../wait/waiter-set.ts';
import { claimWord, closeClaims } from './claim.ts';
import { logWords } from './result-log.ts';

const kind = 'pool:Link';
const callsKind = 'PoolCalls';
export const repliesKind = 'PoolReplies';

/**
 * Words that the worker writes, in the stream of replies. Its index and its pool's are there from the start: the token
 * of the thread that has made the pool, which pool of that thread's it is, and its name.
 */
export const told = { claim: claimWord, state: 1, pid: 2, index: 3, begun: 4, owner: 5, pool: 6, hasLog: 7, functionName: 16, poolName: 32 } as const;
/** Words that the pool writes, in the stream of calls. */
export const asked = { cancelled: 0, why: 1, credit: 2, set: 16 } as const;
const nameWords = 16;
export const workerState = { booting: 0, idle: 1, running: 2 } as const;
/** Why a task is told to stop. */
export const stopReason = { aborted: 1, late: 2 } as const;

const repliesWords = 64;
/** The log lies behind the first extent of the replies. */
const logExtents = 1;
const callsWords = (asked.set + waiterSetWords + 15) & ~15;
/** Of replies that the pool has not taken yet; then workers wait. */
const maxLoadBytes = 64 * 1024 * 1024;

export class PoolLink implements Shareable {
	readonly calls: Stream;
	readonly replies: Stream;
	readonly told: Int32Array;
	#log: Int32Array | undefined;
	readonly asked: Int32Array;
	/** Where the worker waits for changes of `asked`. */
	readonly askedSet: WaiterSet;

	private constructor(calls: Stream, replies: Stream) {
		this.calls = calls;
		this.replies = replies;
		this.told = replies.segment.int32.subarray(replies.extra, replies.extra + repliesWords);
		this.asked = calls.segment.int32.subarray(calls.extra, calls.extra + callsWords);
		this.askedSet = new WaiterSet(calls.segment, calls.extra + asked.set);
		calls.otherSets.push(this.askedSet);
	}

	static create(index: number, pool: { readonly number: number; readonly name: string }): PoolLink {
		const calls = Stream.create(callsKind, { extraWords: callsWords });
		try {
			const link = new PoolLink(calls, Stream.create(repliesKind, { extraWords: repliesWords, extraExtents: logExtents, maxLoadBytes }));
			closeClaims(link.told);
			link.told[told.index] = index;
			link.told[told.owner] = self().token;
			link.told[told.pool] = pool.number;
			writeName(link.told, told.poolName, pool.name);
			return link;
		} catch (error) {
			calls.close();
			throw error;
		}
	}

	static open(calls: string, replies: string): PoolLink {
		return new PoolLink(Stream.open(callsKind, calls, callsWords), Stream.open(repliesKind, replies, repliesWords));
	}

	/**
	 * For the worker: where it keeps results that it has not sent yet (result-log.ts); undefined when there is no
	 * memory for it.
	 */
	makeLog(): Int32Array | undefined {
		try {
			if (this.told[told.hasLog] === 0) this.#logMemory().reserve();
			Atomics.store(this.told, told.hasLog, 1);
			return this.log();
		} catch {
			return undefined;
		}
	}

	/** Undefined when the worker has made none. */
	log(): Int32Array | undefined {
		if (Atomics.load(this.told, told.hasLog) === 0) return undefined;
		return (this.#log ??= new Int32Array(this.#logMemory().map(), 0, logWords));
	}

	#logMemory(): ReturnType<typeof extensionOf> {
		return extensionOf(this.replies.segment, EXTENT_BYTES, logExtents * EXTENT_BYTES);
	}

	[toHandle](): Handle {
		const names = [this.calls.segment.name, this.replies.segment.name];
		return { kind, data: names, segments: names };
	}

	close(): void {
		this.calls.close();
		this.replies.close();
	}
}

registerKind(kind, ([calls, replies]: [string, string]) => PoolLink.open(calls, replies));

/** What a worker tells, for one who only looks; by the name of the segment of its replies. */
export function openTold(segment: string): { words: Int32Array; close: () => void } {
	const replies = Stream.open(repliesKind, segment, repliesWords);
	return { words: replies.segment.int32.subarray(replies.extra, replies.extra + repliesWords), close: () => replies.close() };
}

/** Shortened to what fits. */
export function writeName(words: Int32Array, at: number, name: string): void {
	const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4, nameWords * 4);
	bytes.fill(0);
	new TextEncoder().encodeInto(name, bytes);
}

export function readName(words: Int32Array, at: number): string {
	const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4, nameWords * 4).slice();
	const end = bytes.indexOf(0);
	return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Calls that may be in a stream at once. */
export const maxPrefetched = 120;
