/** Watching a descriptor from the event loop, by the loop's own poll: no thread, no timer. */
import { addon } from './addon.ts';
import { readable } from './descriptor.ts';
import type { FdWatch } from './descriptor-native.ts';
import { check } from './raise.ts';

export class Watch {
	#native: FdWatch | undefined;

	/**
	 * Calls `onReady` in the event loop whenever `fd` is ready for one of the events, or its peer has closed it, until
	 * `close()`. While there are events to watch for it keeps the process alive, unless `unref()`-ed. The descriptor
	 * must stay open until `close()`.
	 */
	constructor(fd: number, onReady: (events: number) => void, events: number = readable) {
		this.#native = check(addon().watchFd(fd, onReady, events), `watch descriptor ${fd}`);
		open++;
	}

	/** From now on it watches for these events; 0: for none. */
	set(events: number): void {
		if (this.#native !== undefined) check(addon().setWatch(this.#native, events), 'watch a descriptor');
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
