/**
 * Work that the forkserver does in steps while it has nothing else to do, and while nobody else needs the processors.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { trace } from '../base/trace.ts';

export class IdleWork {
	readonly #steps: Iterator<boolean, void>;
	#mayWait = false;
	#isDone = false;

	/** Each step says whether the next one can wait for an idle processor. */
	constructor(steps: Iterator<boolean, void>) {
		this.#steps = steps;
	}

	get isDone(): boolean {
		return this.#isDone;
	}

	/** For how long requests are to be awaited before the next step. */
	pauseMs(): number {
		return this.#mayWait && runningThreads() > availableParallelism() ? 50 : 0;
	}

	/** Whether all is done now. What fails, for want of memory perhaps, is left: it was for speed alone. */
	step(): boolean {
		try {
			const { done, value } = this.#steps.next();
			this.#isDone = done === true;
			this.#mayWait = value === true;
		} catch (error) {
			trace('the forkserver cannot do its idle work: %s', error);
			this.#isDone = true;
		}
		return this.#isDone;
	}
}

/** Of the whole machine; 0 where nobody tells. */
function runningThreads(): number {
	try {
		return Number(/(\d+)\//.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1] ?? 0);
	} catch {
		return 0;
	}
}
