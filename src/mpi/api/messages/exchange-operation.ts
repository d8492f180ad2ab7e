/** A send and a receive that are one request: complete when both are. */
import { ERR_REQUEST } from '../../constants.ts';
import type { EngineBuffer } from '../../engine/buffers.ts';
import { fail } from '../arguments/check.ts';
import type { Block } from '../buffers/buffer-overlap.ts';
import { NO_NUMBER, type Operation } from '../requests/operation.ts';
import { copyStatus, Status } from '../requests/status.ts';

export class ExchangeOperation implements Operation<void> {
	readonly #receive: Operation<void>;
	readonly #send: Operation<void>;
	/** Of the receive, once it is complete. */
	#received: { status: Status; error: unknown } | undefined;

	constructor(receive: Operation<void>, send: Operation<void>) {
		this.#receive = receive;
		this.#send = send;
	}

	get number(): number {
		return NO_NUMBER;
	}

	advance(status: Status): boolean {
		if (this.#received === undefined) {
			const own = new Status();
			try {
				if (!this.#receive.advance(own)) return false;
				this.#received = { status: own, error: undefined };
			} catch (error) {
				this.#received = { status: own, error };
			}
		}
		if (this.#send.number !== NO_NUMBER && !this.#send.advance(new Status())) return false;
		this.#end(status);
		return true;
	}

	block(status: Status | undefined): void {
		if (this.#received === undefined) {
			const own = new Status();
			try {
				this.#receive.block(own);
				this.#received = { status: own, error: undefined };
			} catch (error) {
				this.#received = { status: own, error };
			}
		}
		if (this.#send.number !== NO_NUMBER) this.#send.block(undefined);
		this.#end(status);
	}

	finishWith(): void {}

	value(): void {}

	cancel(): void {
		fail(ERR_REQUEST, 'Cannot cancel a request that sends and receives: its two halves may be in different states. Wait for it.');
	}

	free(): void {
		if (this.#received === undefined) this.#receive.free();
		if (this.#send.number !== NO_NUMBER) this.#send.free();
	}

	#end(status: Status | undefined): void {
		const { status: own, error } = this.#received!;
		if (status !== undefined) copyStatus(own, status);
		if (error !== undefined) throw error as Error;
	}
}

/** The memory of a block as it is now. */
export function copyOfElements({ view, count, datatype }: Pick<Block, 'view' | 'count' | 'datatype'>): EngineBuffer {
	if (view === null || typeof view === 'number' || count === 0) return view;
	const { extent, true_lb: lb, true_extent: trueExtent } = datatype;
	const bytes = Math.min(view.byteLength, lb + trueExtent + Math.max(0, (count - 1) * extent));
	return new Uint8Array(view.buffer, view.byteOffset, extent < 0 ? view.byteLength : bytes).slice();
}
