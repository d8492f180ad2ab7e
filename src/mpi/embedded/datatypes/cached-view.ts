/**
 * A buffer as bytes, remembered for the next call with the same one: to make such a view takes as long as to send a
 * short message, and programs pass the same buffers again and again.
 */
import type { BufferView } from '../../engine/buffers.ts';

/** Views of larger buffers are made anew each time, so that none is kept from being collected. */
const cachedViewBytes = 65536;

export class CachedView {
	#view: BufferView | undefined;
	#bytes: Uint8Array = new Uint8Array(0);

	/** Its first `length` bytes. */
	of(view: BufferView, length: number): Uint8Array {
		if (view === this.#view && this.#bytes.length === length) return this.#bytes;
		const bytes = new Uint8Array(view.buffer, view.byteOffset, length);
		if (length <= cachedViewBytes) {
			this.#view = view;
			this.#bytes = bytes;
		}
		return bytes;
	}
}
