/**
 * Waiting for a descriptor, in the event loop or blocking. All waits of this thread for one descriptor share one
 * watcher, which exists only while somebody waits, and only then keeps the event loop alive. In a forked copy of the
 * process nobody waits: those who did are the parent's.
 */
import { atFork, forkStep } from '../base/at-fork.ts';
import { either, type BothForms } from '../base/both-forms.ts';
import type { Deadline } from '../base/deadline.ts';
import { until } from './until.ts';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import { Watch } from '../native/watch.ts';

const sliceMs = 100;

interface Waiter {
	readonly events: number;
	readonly wake: () => void;
}

export class FdGate {
	readonly fd: number;
	readonly #waiters = new Set<Waiter>();
	#watch: Watch | undefined;

	/** Whoever made the descriptor closes it, by `closeFd`; the end of this thread closes it otherwise. */
	constructor(fd: number) {
		this.fd = addon().closeAtEnd(fd);
	}

	/**
	 * True when the descriptor may be ready for one of the events, or was closed here; false when the time is up.
	 * Rejects with the signal's reason.
	 */
	async wait(events: number, deadline: Deadline): Promise<boolean> {
		if (deadline.remaining() === 0) return false;
		if (await until(deadline, (onEvent) => this.subscribe(events, onEvent))) return true;
		return this.isReady(events); // where the event loop was late, timers run before descriptors are looked at
	}

	/** Whether somebody waits for it in the event loop. */
	get isWatched(): boolean {
		return this.#waiters.size > 0;
	}

	/** Calls `wake` whenever the descriptor may be ready, until the result is called. */
	subscribe(events: number, wake: () => void): () => void {
		const waiter = { events, wake };
		this.#waiters.add(waiter);
		this.#update();
		return () => {
			if (this.#waiters.delete(waiter)) this.#update();
		};
	}

	/** As `wait`, but blocks this thread. */
	waitSync(events: number, deadline: Deadline): boolean {
		for (;;) {
			const remainingMs = deadline.remaining();
			if (remainingMs === 0) return false;
			if (this.isReady(events, Math.min(sliceMs, remainingMs))) return true;
		}
	}

	/** The same as a step of a call with two forms. */
	waiting(events: number, deadline: Deadline): BothForms<boolean> {
		return either(
			() => this.wait(events, deadline),
			() => this.waitSync(events, deadline),
		);
	}

	/** Whether it is ready now, or within this time. */
	isReady(events: number, timeoutMs = 0): boolean {
		return check(addon().waitForFds(Int32Array.of(this.fd), Int32Array.of(events), new Int32Array(1), timeoutMs), 'wait for a socket') > 0;
	}

	/** To be called before the descriptor is closed: all who wait look again. */
	close(): void {
		const waiters = [...this.#waiters];
		this.#waiters.clear();
		this.#update();
		for (const { wake } of waiters) wake();
	}

	#update(): void {
		let events = 0;
		for (const waiter of this.#waiters) events |= waiter.events;
		if (events === 0) {
			this.#watch?.close();
			this.#watch = undefined;
			watched.delete(this);
			return;
		}
		this.#watch ??= this.#begin();
		this.#watch.set(events);
	}

	/** To be called in a forked copy, where nobody waits. */
	forget(): void {
		this.#waiters.clear();
		this.#update();
	}

	#begin(): Watch {
		const wake = (ready: number): void => {
			for (const waiter of [...this.#waiters]) if ((waiter.events & ready) !== 0 && this.#waiters.has(waiter)) waiter.wake();
		};
		const watch = new Watch(this.fd, wake, 0);
		if (watched === none) watched = prepareForForks();
		watched.add(this);
		return watch;
	}
}

const none: Set<FdGate> = new Set();
let watched = none;

function prepareForForks(): Set<FdGate> {
	const gates = new Set<FdGate>();
	atFork({
		step: forkStep.waits,
		inCopy() {
			for (const gate of [...gates]) gate.forget();
		},
	});
	return gates;
}
