/** Watching a descriptor from the event loop, by the loop's own poll: no thread, no timer. */
import { addon } from './addon.ts';
import { systemError } from './raise.ts';

export class Watch {
	#native: object | undefined;

	/**
	 * Calls `onReadable` in the event loop whenever `fd` is readable or its peer has closed it, until `close()`.
	 * It keeps the process alive unless `unref()`-ed. The descriptor must stay open until `close()`.
	 */
	constructor(fd: number, onReadable: () => void) {
		const native = addon().watchReadable(fd, onReadable);
		if (typeof native === 'number') throw systemError(-native, `watch descriptor ${fd}`);
		this.#native = native;
		open++;
	}

	ref(): this {
		if (this.#native !== undefined) addon().refWatch(this.#native, true);
		return this;
	}

	unref(): this {
		if (this.#native !== undefined) addon().refWatch(this.#native, false);
		return this;
	}

	close(): void {
		if (this.#native === undefined) return;
		addon().unwatch(this.#native);
		this.#native = undefined;
		open--;
	}
}

/** How many there are. Node's own list of what is active has none of them. */
export function openWatches(): number {
	return open;
}

let open = 0;
