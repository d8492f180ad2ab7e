/** `process.sentinel`: what `wait()` waits for to learn of a process's end, together with connections and others. */
import { waitSource, type Waitable, type WaitSource } from '../wait/waitable.ts';
import type { Peer } from './peer.ts';

export class Sentinel implements Waitable {
	readonly #source: WaitSource;

	constructor(peer: Peer) {
		this.#source = {
			isReady: () => peer.poll() !== undefined,
			subscribe: (onChange) => {
				const release = peer.hold();
				const unsubscribe = peer.onExit(onChange);
				return () => {
					unsubscribe();
					release();
				};
			},
			get fd(): number {
				return peer.endFd;
			},
		};
	}

	[waitSource](): WaitSource {
		return this.#source;
	}
}
