/**
 * Waiting in the event loop: for requests that are awaited, and for whoever wants to look whenever something has
 * changed.
 *
 * As long as anything is waited for, one wait of this thread for its rank (wait/waiter.ts) makes progress whenever
 * somebody wakes the rank, and keeps the event loop alive. What is completed by a blocking call meanwhile, or by a
 * message to oneself, calls back just the same. In a world of one nobody wakes: then it does not keep the loop alive
 * either, for nothing that could come would change anything.
 */
import { queueMicrotask } from '../../base/clock.ts';
import { Deadline } from '../../base/deadline.ts';
import { registryWords, self, slotField } from '../../memory/registry.ts';
import { awaitedWatches } from '../../native/watch.ts';
import { lookAgain, waitFor } from '../../wait/waiter.ts';
import type { WaiterSet } from '../../wait/waiter-set.ts';
import type { Endpoint } from './endpoint.ts';
import { textOf, wantedFor, type Wanted } from './goals.ts';
import type { Operation } from './operation.ts';
import type { Waits } from './waits.ts';

interface Polled {
	readonly advance: () => boolean;
	readonly wanted: () => readonly Wanted[];
}

export class Loop {
	readonly #endpoint: Endpoint;
	readonly #waits: Waits;
	/** Of this rank; undefined in a world of one. */
	readonly #set: WaiterSet | undefined;
	readonly #awaited = new Set<Operation>();
	#polled: Polled[] = [];
	#isWatching = false;
	#isTurnDue = false;

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
	whenDone(operation: Operation, callback: () => void): void {
		operation.callback = callback;
		this.#awaited.add(operation);
		this.#watch();
	}

	/**
	 * Calls `advance` whenever something has changed, until it gives true. `wanted`: any of these may be what makes it
	 * true; none: unknown.
	 */
	poll(advance: () => boolean, wanted: () => readonly Wanted[]): void {
		if (advance()) return;
		this.#polled.push({ advance, wanted });
		this.#endpoint.onChange = () => this.#scheduleTurn();
		this.#watch();
	}

	get #others(): number[] {
		const { rank, size } = this.#endpoint;
		return Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
	}

	get #isIdle(): boolean {
		return this.#awaited.size === 0 && this.#polled.length === 0;
	}

	#watch(): void {
		if (this.#isWatching || this.#set === undefined) return;
		this.#isWatching = true;
		const end = (): void => {
			this.#isWatching = false;
			this.#waits.clearRecord();
			if (!this.#isIdle) this.#watch();
		};
		const options = { independent: true, spinsInLoop: this.#waits.maySpin, onSlice: () => this.#onSlice() };
		waitFor(this.#set, () => this.#look(), Deadline.never, options).then(end, end);
	}

	#look(): true | undefined {
		this.#endpoint.progress();
		this.#runPolled();
		if (this.#isIdle) return true;
		this.#endpoint.prepareToSleep();
		this.#endpoint.progress();
		this.#runPolled();
		return this.#isIdle ? true : undefined;
	}

	#runPolled(): void {
		if (this.#polled.length === 0) return;
		const polled = this.#polled;
		this.#polled = [];
		const rest = polled.filter(({ advance }) => !advance());
		this.#polled = [...rest, ...this.#polled];
		if (this.#polled.length === 0) this.#endpoint.onChange = undefined;
	}

	/** Something has changed in this thread, while it does something else. */
	#scheduleTurn(): void {
		if (this.#isTurnDue) return;
		this.#isTurnDue = true;
		queueMicrotask(() => {
			this.#isTurnDue = false;
			this.#runPolled();
			if (this.#set !== undefined && this.#isIdle) lookAgain(this.#set);
		});
	}

	/** Puts on record what is awaited, when nothing else goes on in this thread that could change it. */
	#onSlice(): void {
		this.#waits.checkJob([]);
		if (isBusy()) return this.#waits.clearRecord();
		const polled = this.#polled.map(({ wanted }) => wanted());
		// Who does not say what he polls for may be waiting for anybody.
		const isKnown = polled.every(({ length }) => length > 0);
		const wanted = [...[...this.#awaited].map(wantedFor), ...polled.flat()];
		const ranks = isKnown ? wanted.flatMap(({ ranks: some }) => some) : this.#others;
		const texts = [...new Set(wanted.map(textOf))];
		this.#waits.record(`await ${[...texts, ...(isKnown ? [] : ['something of any rank'])].join(', ')}`, [ranks], 'in the loop');
		this.#waits.noteLook();
	}
}

/** Whether something else keeps the event loop alive. Standard streams do not count. */
function isBusy(): boolean {
	const waits = Atomics.load(registryWords(), self().base + slotField.loopWaits);
	if (waits > 1 || awaitedWatches() > 0) return true;
	const active = process.getActiveResourcesInfo();
	const streams = active.filter((name) => name === 'TTYWrap' || name === 'PipeWrap');
	return active.length > streams.length || (streams.length > 0 && streams.length > activeStandardStreams());
}

/** Their descriptors are known, those of other streams are not. */
function activeStandardStreams(): number {
	const { _getActiveHandles: handles } = process as { _getActiveHandles?: () => readonly { fd?: unknown }[] };
	return handles === undefined ? Infinity : handles.call(process).filter(({ fd }) => typeof fd === 'number' && fd <= 2).length;
}
