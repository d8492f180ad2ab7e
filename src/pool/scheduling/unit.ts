/**
 * What is given to workers. A *payload* is one message, encoded when the call is made; a *unit* is a part of its items,
 * and what is queued, handed to a worker, taken back and handed to another one. Whose results they are is a *job*.
 */
import { nowMs } from '../../base/clock.ts';
import { OUT_OF_BAND_BYTES, packEncoded, type Outgoing } from '../../stream/message.ts';
import type { Segment } from '../../memory/segment.ts';
import { pinAll } from '../../memory/segment.ts';
import { encode, type Encoded } from '../../codec/encode.ts';
import type { TaskFunction } from '../../task/task-function.ts';
import { call, renamed } from '../link/messages.ts';

/**
 * Who asked for it, and is told what becomes of each item; of each exactly once: `onValue` or `onError`, unless the job
 * is over.
 */
export interface Job {
	readonly fn: TaskFunction;
	/** Milliseconds for each item; undefined for no limit. */
	readonly timeoutMs: number | undefined;
	readonly retries: number;
	readonly priority: number;
	/** The worker that it must run in. */
	readonly slot: number | undefined;
	/** Whether nobody wants to know any more: what has not begun is dropped, what comes is thrown away. */
	readonly isOver: boolean;
	onValue(index: number, value: unknown): void;
	/** As `onValue` for items one behind the other; only while the job is not over. */
	onValues?(first: number, values: readonly unknown[]): void;
	onError(index: number, error: unknown): void;
	onProgress(index: number, value: unknown): void;
	/** Of a generator. */
	onYielded?(value: unknown): void;
	/** A unit of it was handed to a worker, or ended there. */
	onBegun?(pid: number): void;
	onUnitEnded?(): void;
	/** Where the call was made, for the stack of its errors. */
	readonly place: { stack?: string } | undefined;
}

export class Payload {
	readonly job: Job;
	readonly kind: 'one' | 'chunk' | 'generate';
	readonly first: number;
	readonly count: number;
	/** Of a chunk, to make smaller ones of it. */
	readonly items: readonly unknown[] | undefined;
	readonly isStar: boolean;
	readonly submittedMs: number = nowMs();
	#encoded: Encoded;
	#unpin: (() => void) | undefined;
	#left: number;
	#isOwn: boolean;

	/** Throws a SerializationError whose path begins with the user's word: `args[0].callback`. */
	private constructor(job: Job, parts: Pick<Payload, 'kind' | 'first' | 'count' | 'isStar'> & { items?: readonly unknown[] }, message: unknown[]) {
		this.job = job;
		this.kind = parts.kind;
		this.first = parts.first;
		this.count = this.#left = parts.count;
		this.items = parts.items;
		this.isStar = parts.isStar;
		this.#encoded = encode(message, encodeOptions);
		this.#isOwn = this.#encoded.buffers.length === 0;
		const segments = this.#encoded.handles.flatMap((handle) => handle.segments);
		if (segments.length > 0) this.#unpin = pinAll(segments, () => false);
	}

	static one(job: Job, args: readonly unknown[], index = 0): Payload {
		return withWords('args', () => new Payload(job, { kind: 'one', first: index, count: 1, isStar: false }, [call.one, job.fn.id, args, index]));
	}

	static generate(job: Job, args: readonly unknown[], window: number): Payload {
		return withWords(
			'args',
			() => new Payload(job, { kind: 'generate', first: 0, count: 1, isStar: false }, [call.generate, job.fn.id, args, window]),
		);
	}

	static chunk(job: Job, items: readonly unknown[], { first, isStar }: { first: number; isStar: boolean }): Payload {
		try {
			if (items.length > 1)
				return new Payload(job, { kind: 'chunk', first, count: items.length, items, isStar }, [call.chunk, job.fn.id, items, first, isStar]);
			const args = isStar ? (items[0] as unknown[]) : [items[0]];
			return new Payload(job, { kind: 'one', first, count: 1, isStar }, [call.one, job.fn.id, args, first]);
		} catch (error) {
			if (items.length === 1) throw renamed(error, isStar ? /^value\[2\]/ : /^value\[2\]\[0\]/, `items[${first}]`);
			const number = /^value\[2\]\[(\d+)\]/.exec((error as { path?: string }).path ?? '')?.[1];
			throw renamed(error, /^value\[2\]\[\d+\]/, `items[${first + Number(number)}]`);
		}
	}

	/** With memory for this channel: to be sent or discarded. */
	pack(channel: Segment): Outgoing {
		return packEncoded(this.#encoded, channel);
	}

	/** Before the caller gets the chance to change large arrays that wait to be sent. */
	own(): void {
		if (this.#isOwn) return;
		this.#isOwn = true;
		this.#encoded = { ...this.#encoded, buffers: this.#encoded.buffers.map((view) => view.slice()) };
	}

	/** So many of its items need it no more. */
	settle(count: number): void {
		this.#left -= count;
		if (this.#left === 0) this.#unpin?.();
	}
}

export interface Unit {
	readonly payload: Payload;
	readonly from: number;
	/** The pool may give what is behind to somebody else. */
	until: number;
	/** 1 for the first time. */
	readonly attempt: number;
}

export function unitOf(payload: Payload): Unit {
	return { payload, from: 0, until: payload.count, attempt: 1 };
}

/** Whether the worker must be told more than the payload says. */
export function isSpecial({ payload, from, until, attempt }: Unit): boolean {
	return attempt > 1 || from > 0 || until < payload.count;
}

/** Its items one by one, each in a message of its own. */
export function singlesOf({ payload, from, until, attempt }: Unit): Unit[] {
	const units: Unit[] = [];
	for (let i = from; i < until; i++) {
		const single = Payload.chunk(payload.job, [payload.items![i]], { first: payload.first + i, isStar: payload.isStar });
		units.push({ payload: single, from: 0, until: 1, attempt });
		payload.settle(1);
	}
	return units;
}

const encodeOptions = { path: 'value', outOfBandFrom: OUT_OF_BAND_BYTES };

function withWords(word: string, make: () => Payload): Payload {
	try {
		return make();
	} catch (error) {
		throw renamed(error, /^value\[2\]/, word);
	}
}
