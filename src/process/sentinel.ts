/** `process.sentinel`: what `wait()` waits for to learn of a process's end, together with connections and others. */
import { waitSource, type Waitable, type WaitSource } from '../wait/waitable.ts';
import type { ProcessHandle } from './process-handle.ts';

export class Sentinel implements Waitable {
	readonly #source: WaitSource;

	constructor(handle: ProcessHandle) {
		this.#source = {
			isReady: () => handle.poll() !== undefined,
			subscribe: (onChange) => {
				const release = handle.hold();
				const unsubscribe = handle.onExit(onChange);
				return () => {
					unsubscribe();
					release();
				};
			},
			get fd(): number {
				return handle.endFd;
			},
		};
	}

	[waitSource](): WaitSource {
		return this.#source;
	}
}
