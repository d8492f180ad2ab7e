/** Watching a descriptor from the event loop, by the loop's own poll: no thread, no timer. */
import { addon } from './addon.ts';
import type { FdWatch } from './descriptor-native.ts';
import { check } from './raise.ts';
import { readable } from './shared-numbers.ts';

export class Watch {
	#native: FdWatch | undefined;
	#events: number;
	#isReferenced = true;
	#isCounted = false;

	/**
	 * Calls `onReady` in the event loop whenever `fd` is ready for one of the events, or its peer has closed it, until
	 * `close()`. While there are events to watch for it keeps the process alive, unless `unref()`-ed. The descriptor
	 * must stay open until `close()`.
	 */
	constructor(fd: number, onReady: (events: number) => void, events: number = readable) {
		this.#native = check(addon().watchFd(fd, onReady, events), `watch descriptor ${fd}`);
		this.#events = events;
		open++;
		this.#count();
	}

	/** From now on it watches for these events; 0: for none. */
	set(events: number): void {
		if (this.#native === undefined) return;
		check(addon().setWatch(this.#native, events), 'watch a descriptor');
		this.#events = events;
		this.#count();
	}

	ref(): this {
		return this.#reference({ isReferenced: true });
	}

	unref(): this {
		return this.#reference({ isReferenced: false });
	}

	#reference({ isReferenced }: { isReferenced: boolean }): this {
		this.#isReferenced = isReferenced;
		if (this.#native !== undefined) addon().refWatch(this.#native, isReferenced);
		this.#count();
		return this;
	}

	#count(): void {
		const isAwaited = this.#native !== undefined && this.#isReferenced && this.#events !== 0;
		if (isAwaited !== this.#isCounted) awaited += isAwaited ? 1 : -1;
		this.#isCounted = isAwaited;
	}

	close(): void {
		if (this.#native === undefined) return;
		addon().unwatch(this.#native);
		this.#native = undefined;
		this.#count();
		open--;
	}
}

/** How many there are. Node's own list of what is active has none of them. */
export function openWatches(): number {
	return open;
}

/** How many of them keep the event loop alive. */
export function awaitedWatches(): number {
	return awaited;
}

let open = 0;
let awaited = 0;
