/**
 * Waiting in the event loop: for requests that are awaited, and for whoever wants to look whenever something has
 * changed.
 *
 * As long as anything is waited for, one wait of this thread for its rank (wait/waiter.ts) makes progress whenever
 * somebody wakes the rank, and keeps the event loop alive. What is completed by a blocking call meanwhile, or by a
 * message to oneself, calls back just the same. In a world of one nobody wakes: then it does not keep the loop alive
 * either, for nothing that could come would change anything.
 *
 * Whatever this thread begins or takes while it waits so (a send that must wait for a block, a message by which a ring
 * has room again) is followed by another look: the last one told the others what this rank wanted of them then, and how
 * far it had come, and who wants more and does not say so is not woken.
 */
import { queueMicrotask } from '../../../base/clock.ts';
import { Deadline } from '../../../base/deadline.ts';
import { registryWords, self, slotField } from '../../../memory/registry.ts';
import { awaitedWatches } from '../../../native/watch.ts';
import type { Trace } from '../../engine/requests.ts';
import { lookAgain, waitFor } from '../../../wait/waiter.ts';
import type { WaiterSet } from '../../../wait/waiter-set.ts';
import type { Endpoint } from '../messages/endpoint.ts';
import { placeIn } from './call-site.ts';
import { textOf, wantedFor, type Wanted } from './goals.ts';
import type { Operation } from '../messages/operation.ts';
import type { Waits } from './waits.ts';
import { runningWorkers } from './worker-threads.ts';

interface Polled {
	/** Called whenever something has changed, until it gives true. */
	readonly advance: () => boolean;
	/** Any of these may be what makes it true; none: unknown. */
	readonly wanted: () => readonly Wanted[];
	/** Who waits for it. */
	readonly trace: Trace | undefined;
}

export class Loop {
	readonly #endpoint: Endpoint;
	readonly #waits: Waits;
	/** Of this rank; undefined in a world of one. */
	readonly #set: WaiterSet | undefined;
	/** And who waits for them. */
	readonly #awaited = new Map<Operation, Trace | undefined>();
	#polled: Polled[] = [];
	#isWatching = false;
	#isTurnDue = false;
	/** What changes is seen before the look is over. */
	#isLooking = false;
	readonly #onChange = (): void => {
		if (!this.#isLooking) this.#scheduleTurn();
	};

	constructor(endpoint: Endpoint, waits: Waits, set: WaiterSet | undefined) {
		this.#endpoint = endpoint;
		this.#waits = waits;
		this.#set = set;
		endpoint.onCallback = (operation, callback) => {
			this.#awaited.delete(operation);
			queueMicrotask(callback);
			this.#scheduleTurn();
		};
	}

	/** Calls back when the operation, which is not, is done. */
	whenDone(operation: Operation, callback: () => void, trace: Trace | undefined): void {
		operation.callback = callback;
		this.#awaited.set(operation, trace);
		this.#watch();
	}

	/** Gives what has it asked again, for whoever changes its answer by something else. */
	poll(polled: Polled): () => void {
		if (polled.advance()) return () => {};
		this.#polled.push(polled);
		this.#watch();
		return () => this.#scheduleTurn();
	}

	get #others(): number[] {
		const { rank, size } = this.#endpoint;
		return Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
	}

	get #isIdle(): boolean {
		return this.#awaited.size === 0 && this.#polled.length === 0;
	}

	#watch(): void {
		this.#endpoint.onChange = this.#onChange;
		if (this.#isWatching || this.#set === undefined) return;
		this.#isWatching = true;
		const end = (): void => {
			this.#isWatching = false;
			this.#waits.clearRecord();
			if (this.#isIdle) this.#endpoint.onChange = undefined;
			else this.#watch();
		};
		const options = { independent: true, spinsInLoop: this.#waits.maySpin, onSlice: () => this.#onSlice() };
		waitFor(this.#set, () => this.#look(), Deadline.never, options).then(end, end);
	}

	#look(): true | undefined {
		this.#isLooking = true;
		try {
			this.#endpoint.progress();
			this.#runPolled();
			for (let before = -1; before !== this.#endpoint.changes && !this.#isIdle;) {
				before = this.#endpoint.changes;
				this.#endpoint.comeToRest();
				this.#runPolled();
			}
		} finally {
			this.#isLooking = false;
		}
		return this.#isIdle ? true : undefined;
	}

	#runPolled(): void {
		if (this.#polled.length === 0) return;
		const polled = this.#polled;
		this.#polled = [];
		const rest = polled.filter(({ advance }) => !advance());
		this.#polled = [...rest, ...this.#polled];
	}

	/** Something has changed in this thread, or a callback may change something, after which it looks. */
	#scheduleTurn(): void {
		if (this.#isTurnDue) return;
		this.#isTurnDue = true;
		queueMicrotask(() => {
			this.#isTurnDue = false;
			if (this.#set !== undefined) return lookAgain(this.#set);
			this.#runPolled();
			if (this.#isIdle) this.#endpoint.onChange = undefined;
		});
	}

	/** Puts on record what is awaited, when nothing else goes on in this thread that could change it. */
	#onSlice(): void {
		this.#waits.checkJob([]);
		if (isBusy()) return this.#waits.clearRecord();
		const polled = this.#polled.map(({ wanted, trace }) => ({ all: wanted(), trace }));
		const entries = [...[...this.#awaited].map(([operation, trace]) => ({ all: [wantedFor(operation)], trace })), ...polled];
		const traced = entries.map(({ all, trace }) => ({ all, stack: trace === undefined ? '' : trace() }));
		// Who was asked just now has answered at the next slice.
		if (traced.some(({ stack }) => stack === undefined)) return this.#waits.clearRecord();
		// Who does not say what he polls for may be waiting for anybody.
		const isKnown = polled.every(({ all }) => all.length > 0);
		const ranks = isKnown ? entries.flatMap(({ all }) => all.flatMap(({ ranks: some }) => some)) : this.#others;
		const texts = textsOf(traced.map(({ all, stack }) => ({ all, place: placeIn(stack!) })));
		this.#waits.record(`await ${[...texts, ...(isKnown ? [] : ['something of any rank'])].join(', ')}`, [ranks], 'in the loop');
		this.#waits.noteLook();
	}
}

/** Each text once, with its place where one of those who wait for it has said so. */
function textsOf(entries: readonly { readonly all: readonly Wanted[]; readonly place: string }[]): string[] {
	const places = new Map<string, Set<string>>();
	for (const { all, place } of entries) {
		for (const text of all.map(textOf)) {
			const known = places.get(text) ?? new Set();
			if (place !== '') known.add(place);
			places.set(text, known);
		}
	}
	return [...places].flatMap(([text, known]) => (known.size === 0 ? [text] : [...known].map((place) => `${text} at ${place}`)));
}

/**
 * Whether something else keeps the event loop alive. The standard streams are always there: standard input counts while
 * the program reads from it.
 */
function isBusy(): boolean {
	const waits = Atomics.load(registryWords(), self().base + slotField.loopWaits);
	if (waits > 1 || awaitedWatches() > 0 || runningWorkers() > 0) return true;
	const active = process.getActiveResourcesInfo();
	const streams = active.filter((name) => name === 'TTYWrap' || name === 'PipeWrap');
	if (active.length > streams.length) return true;
	return streams.length > 0 && (streams.length > activeStandardStreams() || isReadingStdin());
}

/** Their descriptors are known, those of other streams are not. */
function activeStandardStreams(): number {
	const { _getActiveHandles: handles } = process as { _getActiveHandles?: () => readonly { fd?: unknown }[] };
	return handles === undefined ? Infinity : handles.call(process).filter(({ fd }) => typeof fd === 'number' && fd <= 2).length;
}

function isReadingStdin(): boolean {
	const { stdin } = process;
	return stdin.readableFlowing === true || stdin.listenerCount('readable') > 0;
}
