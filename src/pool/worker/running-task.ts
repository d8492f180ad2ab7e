/**
 * The task that a worker is running, as `currentTask()` gives it.
 *
 * That nobody wants it any more is one word in shared memory, the number of the call. So its signal is asked there:
 * `aborted` is true at once, also in a loop that never lets the event loop run. The event comes when the worker's event
 * loop hears of the change, or with the first look.
 */
import { TimeoutError } from '../../base/errors.ts';
import type { CurrentTask } from '../../task/current-task.ts';
import { asked, stopReason, type PoolLink } from '../link/link.ts';
import { reply } from '../link/messages.ts';

/** The worker, as its tasks see it. */
export interface TaskHost {
	readonly link: PoolLink;
	readonly index: number;
	/** Of the call at work. */
	readonly sequence: number;
	say(message: [number, ...unknown[]]): void;
}

export interface TaskPlace {
	/** Its number within the call's message. */
	readonly item: number;
	readonly index: number;
	readonly attempt: number;
}

export class RunningTask implements CurrentTask {
	readonly attempt: number;
	readonly index: number;
	readonly worker: number;
	/** @internal */
	readonly item: number;
	readonly #host: TaskHost;
	/** The call's number in the stream. */
	readonly #sequence: number;
	#controller: AbortController | undefined;

	constructor(host: TaskHost, { item, index, attempt }: TaskPlace) {
		this.#host = host;
		this.item = item;
		this.attempt = attempt;
		this.index = index;
		this.worker = host.index;
		this.#sequence = host.sequence;
	}

	get signal(): AbortSignal {
		if (this.#controller === undefined) {
			this.#controller = new AbortController();
			lookWhenAsked(this.#controller.signal, () => this.look());
		}
		return this.#controller.signal;
	}

	progress(value: unknown): void {
		this.#host.say([reply.progress, this.item]);
		this.#host.say([0, value]);
	}

	/** Whether to stop. */
	get isUnwanted(): boolean {
		const { asked: words, calls } = this.#host.link;
		return Atomics.load(words, asked.cancelled) === this.#sequence && !calls.closed;
	}

	/** Makes the signal say what the shared word says. */
	look(): undefined {
		if (this.#controller === undefined || isAborted(this.#controller.signal) || !this.isUnwanted) return;
		const isLate = this.#host.link.asked[asked.why] === stopReason.late;
		this.#controller.abort(isLate ? new TimeoutError('The task has used up the time that its `timeout` gave it.') : undefined);
	}
}

function isAborted(signal: AbortSignal): boolean {
	return Reflect.get(AbortSignal.prototype, 'aborted', signal);
}

/** What tells of the abort asks first. */
function lookWhenAsked(signal: AbortSignal, look: () => void): void {
	let isLooking = false;
	const lookOnce = (): void => {
		if (isLooking) return; // it is asked while it is being aborted
		isLooking = true;
		look();
		isLooking = false;
	};
	Object.defineProperties(signal, {
		aborted: {
			configurable: true,
			get(): boolean {
				lookOnce();
				return isAborted(signal);
			},
		},
		throwIfAborted: {
			configurable: true,
			writable: true,
			value(): void {
				lookOnce();
				AbortSignal.prototype.throwIfAborted.call(signal);
			},
		},
	});
}
