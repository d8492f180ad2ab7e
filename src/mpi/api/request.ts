/**
 * What has been started and will be complete some time: a request can be waited for, tested, and awaited without blocking the event loop. It has one
 * completion and one value, however it is asked for: `wait()` after `await` gives the same.
 */
import { ERR_REQUEST } from '../constants.ts';
import { fail } from './check.ts';
import { engine } from './lifecycle.ts';

/** No request. */
export const NO_REQUEST = -1;

export class Request<T = void> {
	/** @internal The engine's number. */
	number: number;

	/** @internal Methods such as `Isend` make requests. */
	constructor(number: number) {
		this.number = number;
	}

	Wait(): true {
		if (this.number === NO_REQUEST) fail(ERR_REQUEST, 'There is no request.');
		engine().wait(this.number);
		return true;
	}

	wait(): T {
		this.Wait();
		return undefined as T;
	}
}
