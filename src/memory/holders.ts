/**
 * Whether anybody is left who holds a segment: one that is without content, and stands for an end of a pipe or a side
 * of a queue.
 *
 * The kernel knows who holds what, so the answer is exact however a process ended; one that is on its way in a message
 * or a start request counts as held. To ask costs some microseconds, so it is asked at most once a millisecond, unless
 * somebody has told that he let go, or the caller will not ask again. Once it is "nobody", it stays so: who has nothing
 * cannot hand it on.
 */
import { nowMs } from '../base/clock.ts';
import { collectGarbage } from './janitor.ts';
import { pathOf } from './names.ts';
import { endPins } from './segment.ts';
import { addon } from '../native/addon.ts';

const askEveryMs = 1;
/** How often it is asked whether the channel lives in which an end is on its way that nobody holds. */
const sweepEveryMs = 500;

/** Whether the caller will ask again, so that an answer of a millisecond ago will do. */
export type Asking = 'once' | 'again and again';

export class Holders {
	/** The segment's name. */
	readonly name: string;
	/** How often a holder has told that he let go. */
	readonly #departures: () => number;
	#areGone = false;
	#seenDepartures = 0;
	#askAgainMs = 0;
	#sweepAgainMs = 0;

	constructor(name: string, departures: () => number) {
		this.name = name;
		this.#departures = departures;
	}

	areGone(asking: Asking = 'again and again'): boolean {
		if (this.#areGone) return true;
		const seen = this.#departures();
		const time = nowMs();
		if (asking !== 'once' && seen === this.#seenDepartures && time < this.#askAgainMs) return false;
		this.#seenDepartures = seen;
		this.#askAgainMs = time + askEveryMs;
		return (this.#areGone = this.#ask(time));
	}

	#ask(time: number): boolean {
		const path = pathOf(this.name);
		// This process itself may hold it for a child that has it by now.
		endPins();
		if (addon().segmentRemoveUnneeded(path) === 1) return true;
		if (time < this.#sweepAgainMs) return false;
		this.#sweepAgainMs = time + sweepEveryMs;
		// Held by somebody: the usual case. Else it is in a message, and perhaps in one that nobody can receive any
		// more.
		const unheld = addon().openExclusive(path);
		if (unheld < 0) return false;
		addon().closeFd(unheld);
		collectGarbage();
		return addon().segmentRemoveUnneeded(path) === 1;
	}
}
