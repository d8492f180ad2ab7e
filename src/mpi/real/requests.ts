/**
 * Requests of a real MPI: their buffers are kept from being collected here, by the request's number, until it was seen
 * to be complete.
 */
import { nowMs, queueMicrotask } from '../../base/clock.ts';
import type { MpiNative } from './mpi-native.ts';
import { pause } from './pause.ts';
import type { Poller } from './poller.ts';
import type { Requests } from '../engine/requests.ts';

/** How long a blocked wait looks without a pause, and how long it sleeps afterwards. */
const spinMs = 1;
const napMs = 0.05;

export class RealRequests implements Requests {
	readonly #mpi: MpiNative;
	readonly #out: Float64Array;
	readonly #poller: Poller;
	/** What each request needs, by its number. */
	readonly #held: unknown[] = [];
	/** Receives: what must be cancelled before the library can end. */
	readonly #receives = new Set<number>();
	/** Nobody asks for these any more. */
	readonly #orphans = new Set<number>();
	#list = new Int32Array(16);

	constructor(mpi: MpiNative, out: Float64Array, poller: Poller) {
		this.#mpi = mpi;
		this.#out = out;
		this.#poller = poller;
	}

	/** Keeps what a call was given as long as its request, when it made one. */
	hold(request: number, needs: unknown): number {
		if (request >= 0) this.#held[request] = needs;
		if (this.#orphans.size > 0) this.#sweepOrphans();
		return request;
	}

	holdReceive(request: number, needs: unknown): number {
		if (request >= 0) this.#receives.add(request);
		return this.hold(request, needs);
	}

	#free(request: number): void {
		this.#held[request] = undefined;
		this.#receives.delete(request);
	}

	wait(request: number): number {
		const code = this.#mpi.wait(request);
		this.#free(request);
		return code;
	}

	test(request: number): number {
		const code = this.#mpi.test(request);
		if (this.#out[0] === 1) this.#free(request);
		return code;
	}

	waitAny(requests: readonly number[]): number {
		if (this.#list.length < requests.length) this.#list = new Int32Array(requests.length * 2);
		this.#list.set(requests);
		const code = this.#mpi.waitAny(this.#list, requests.length);
		const index = this.#out[0]!;
		if (index >= 0) this.#free(requests[index]!);
		return code;
	}

	cancel(request: number): number {
		return this.#mpi.cancel(request);
	}

	/** MPI_Request_free would leave nobody who knows when the buffer may go. */
	freeRequest(request: number): number {
		this.#orphans.add(request);
		return 0;
	}

	#sweepOrphans(): void {
		for (const request of this.#orphans) {
			if (this.#mpi.isComplete(request) !== 1) continue;
			this.#orphans.delete(request);
			this.wait(request);
		}
	}

	whenComplete(request: number, callback: () => void): void {
		this.#poller.poll(() => {
			if (this.#mpi.isComplete(request) !== 1) return false;
			queueMicrotask(callback);
			return true;
		});
	}

	block(advance: () => boolean): void {
		const end = nowMs() + spinMs;
		while (!advance()) if (nowMs() > end) pause(napMs);
	}

	poll(advance: () => boolean): () => void {
		this.#poller.poll(advance);
		return () => {}; // it is asked all the time
	}

	/** Cancels what was never received, and waits until it is. */
	cancelReceives(): void {
		for (const request of this.#receives) {
			this.#mpi.cancel(request);
			this.#mpi.wait(request);
			this.#held[request] = undefined;
		}
		this.#receives.clear();
	}
}
