/** The table of datatypes: the predefined ones by their numbers, derived ones by handles that are never given twice. */
import { invariant } from '../../../base/errors.ts';
import type { BufferView, EngineBuffer } from '../../engine/buffers.ts';
import { ERR_ARG, SUCCESS } from '../../constants.ts';
import { NULL_HANDLE, predefinedDatatypes } from '../../handles.ts';
import { CachedView } from './cached-view.ts';
import { emptyLayout, predefinedLayout, type Layout } from './layout.ts';
import { bytesAt, packInto, unpackFrom } from './pack.ts';
import { derivedLayout } from './type-constructors.ts';
import { FIRST_OWN_HANDLE } from '../../engine/shared-numbers.ts';

export class Datatypes {
	readonly #layouts = new Map<number, Layout>([
		[NULL_HANDLE, emptyLayout],
		...predefinedDatatypes.map((type) => [type.handle, predefinedLayout(type)] as const),
	]);
	/** The predefined ones again, for a look-up without hashing. */
	readonly #predefined: readonly (Layout | undefined)[] = Array.from({ length: 64 }, (_, handle) => this.#layouts.get(handle));
	#next = FIRST_OWN_HANDLE;

	/** The new datatype's handle; minus the class of an error. `contents` as `MPI_Type_get_contents` orders them. */
	create(combiner: number, contents: { integers: readonly number[]; addresses: readonly number[]; types: readonly number[] }): number {
		const layout = derivedLayout(combiner, { ...contents, types: contents.types.map((type) => this.layoutOf(type)) });
		if (layout === undefined) return -ERR_ARG;
		this.#layouts.set(this.#next, layout);
		return this.#next++;
	}

	/** What uses it, derived datatypes and operations under way, keeps its layout. */
	free(type: number): number {
		return type >= FIRST_OWN_HANDLE && this.#layouts.delete(type) ? SUCCESS : ERR_ARG;
	}

	/** The null handle, which stands where MPI ignores the argument, is a datatype without bytes. */
	layoutOf(type: number): Layout {
		return this.#predefined[type] ?? this.#derived(type);
	}

	/** Bytes of one element that are transferred. */
	sizeOf(type: number): number {
		return this.layoutOf(type).size;
	}

	/** Whether elements of it are one piece of memory, so that they can be sent and received in place. */
	isContiguous(type: number): boolean {
		return this.layoutOf(type).isContiguous;
	}

	/** The elements' bytes: in place when they are one piece of memory, else a copy. */
	pack(view: EngineBuffer, count: number, type: number): Uint8Array {
		return packed(view, count, this.layoutOf(type));
	}

	/** Puts received bytes to where the elements lie; they may be fewer than those of `count` elements. */
	unpack(bytes: Uint8Array, view: EngineBuffer, count: number, type: number): void {
		if (isView(view)) unpackFrom(bytes, { view, byteOffset: 0 }, count, this.layoutOf(type));
	}

	#derived(type: number): Layout {
		const layout = this.#layouts.get(type);
		invariant(layout !== undefined, `there is no datatype ${type}`);
		return layout;
	}
}

const nothing = new Uint8Array(0);
const kept = new CachedView();

/** As `Datatypes.pack`, of elements that begin `byteOffset` bytes behind the view's first one. */
export function packed(view: EngineBuffer, count: number, layout: Layout, byteOffset = 0): Uint8Array {
	const length = count * layout.size;
	if (length === 0 || !isView(view)) return nothing;
	if (layout.isContiguous) return byteOffset === 0 ? kept.of(view, length) : bytesAt(view, byteOffset, length);
	const bytes = new Uint8Array(length);
	packInto(bytes, { view, byteOffset }, count, layout);
	return bytes;
}

export function isView(buffer: EngineBuffer): buffer is BufferView {
	return buffer !== null && typeof buffer === 'object';
}
