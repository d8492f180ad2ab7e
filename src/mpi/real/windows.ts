/** The life of windows of a real MPI, and what needs groups; all else goes to the library as it is. */
import type { EngineBuffer } from '../engine/buffers.ts';
import type { InfoEntries } from '../engine/info.ts';
import type { Windows } from '../engine/windows.ts';
import { ERRORS_RETURN_HANDLE } from '../handles.ts';
import { withPartOf } from './group.ts';
import { withInfo } from './info.ts';
import type { MpiNative } from './mpi-native.ts';

type Life = Pick<
	Windows,
	'winCreate' | 'winAllocate' | 'winAllocateShared' | 'winCreateDynamic' | 'winMemory' | 'winSharedQuery' | 'winFree' | 'post' | 'startAccess'
>;

interface Held {
	/** The user's memory, kept from being collected. */
	buffer?: EngineBuffer;
	/** The library's memory. */
	own?: { address: number; bytes: number };
	readonly views: ArrayBuffer[];
}

export class RealWindows implements Life {
	readonly #mpi: MpiNative;
	readonly #out: Float64Array;
	readonly #held = new Map<number, Held>();

	constructor(mpi: MpiNative, out: Float64Array) {
		this.#mpi = mpi;
		this.#out = out;
	}

	winCreate(buffer: EngineBuffer, displacementUnit: number, info: InfoEntries, comm: number): number {
		const bytes = buffer instanceof Object ? buffer.byteLength : 0;
		const code = withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.winCreateOn(buffer, bytes, displacementUnit, handle, comm));
		return this.#made(code, this.#out[0]!, { buffer, views: [] });
	}

	winAllocate(bytes: number, displacementUnit: number, info: InfoEntries, comm: number): number {
		const code = withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.winAllocateAt(bytes, displacementUnit, handle, comm));
		return this.#made(code, this.#out[1]!, { own: { address: this.#out[0]!, bytes }, views: [] });
	}

	winAllocateShared(bytes: number, displacementUnit: number, info: InfoEntries, comm: number): number {
		const code = withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.winAllocateSharedAt(bytes, displacementUnit, handle, comm));
		return this.#made(code, this.#out[1]!, { own: { address: this.#out[0]!, bytes }, views: [] });
	}

	winCreateDynamic(info: InfoEntries, comm: number): number {
		const code = withInfo(this.#mpi, this.#out, info, (handle) => this.#mpi.winCreateDynamicIn(handle, comm));
		return this.#made(code, this.#out[0]!, { views: [] });
	}

	#made(code: number, win: number, held: Held): number {
		if (code !== 0) return code;
		this.#mpi.winSetErrhandler(win, ERRORS_RETURN_HANDLE);
		this.#held.set(win, held);
		this.#out[0] = win;
		return 0;
	}

	winMemory(win: number): ArrayBuffer {
		const { own } = this.#held.get(win)!;
		return this.#view(win, own?.address ?? 0, own?.bytes ?? 0);
	}

	winSharedQuery(win: number, rank: number): ArrayBuffer {
		const code = this.#mpi.winSharedQueryAt(win, rank);
		if (code !== 0) return new ArrayBuffer(0);
		const [bytes, unit, address] = this.#out as unknown as [number, number, number];
		this.#out[0] = unit;
		return this.#view(win, address, bytes);
	}

	#view(win: number, address: number, bytes: number): ArrayBuffer {
		const buffer = this.#mpi.memory(address, bytes);
		this.#held.get(win)?.views.push(buffer);
		return buffer;
	}

	winFree(win: number): number {
		const code = this.#mpi.winFreeAt(win);
		if (code !== 0) return code;
		for (const view of this.#held.get(win)?.views ?? []) this.#mpi.detach(view);
		this.#held.delete(win);
		return 0;
	}

	post(ranks: Int32Array, assertion: number, win: number): number {
		return this.#withGroup(ranks, win, (group) => this.#mpi.winPost(group, assertion, win));
	}

	startAccess(ranks: Int32Array, assertion: number, win: number): number {
		return this.#withGroup(ranks, win, (group) => this.#mpi.winStart(group, assertion, win));
	}

	#withGroup(ranks: Int32Array, win: number, use: (group: number) => number): number {
		this.#mpi.winGroup(win);
		return withPartOf(this.#mpi, this.#out, { whole: this.#out[0]!, ranks }, use);
	}
}
