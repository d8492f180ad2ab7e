/**
 * The making of windows, as the seam wants it (mpi/engine/windows.ts). All of a communicator make one together, and all
 * fail when one cannot.
 */
import { isAlive, self } from '../../../memory/registry.ts';
import type { EngineBuffer } from '../../engine/buffers.ts';
import type { InfoEntries } from '../../engine/info.ts';
import { ERR_NO_MEM, ERR_UNSUPPORTED_OPERATION, PROC_NULL, SUCCESS } from '../../constants.ts';
import { opHandles, predefinedHandle } from '../../handles.ts';
import { RankChannel } from '../communicators/channels.ts';
import { contextKind } from '../communicators/communicator.ts';
import { isView } from '../datatypes/datatypes.ts';
import { EngineDatatypes } from './datatypes.ts';
import { AllGoal, PredicateGoal } from '../waiting/goals.ts';
import type { Operation } from '../messages/operation.ts';
import { bytesAt } from '../datatypes/pack.ts';
import { controlWords, WindowControl, type WindowProcess } from '../windows/window-control.ts';
import { WindowMemory } from '../windows/window-memory.ts';
import { Window } from '../windows/window.ts';
import { FIRST_OWN_HANDLE } from '../../engine/shared-numbers.ts';

const DOUBLE = predefinedHandle('DOUBLE');
const INT = predefinedHandle('INT');

/** What this member asks for as its part of the window. */
interface OwnPart {
	/** How much memory is to be allocated; 0 where the program brings it along. */
	readonly bytes: number;
	readonly unit: number;
	/** Memory that the program brings along. */
	readonly own?: Uint8Array;
}

export abstract class EngineWindowMaking extends EngineDatatypes {
	readonly #windows: (Window | undefined)[] = Array.from({ length: FIRST_OWN_HANDLE }, () => undefined);

	winCreate(buffer: EngineBuffer, unit: number, _info: InfoEntries, comm: number): number {
		const own = isView(buffer) ? bytesAt(buffer, 0, buffer.byteLength) : new Uint8Array(0);
		return this.#makeWindow(comm, { bytes: 0, unit, own });
	}

	winAllocate(bytes: number, unit: number, _info: InfoEntries, comm: number): number {
		return this.#makeWindow(comm, { bytes, unit });
	}

	/** All that is allocated is shared. */
	winAllocateShared(bytes: number, unit: number, _info: InfoEntries, comm: number): number {
		return this.#makeWindow(comm, { bytes, unit });
	}

	/** There are no addresses that a rank could tell another one. */
	winCreateDynamic(_info: InfoEntries, _comm: number): number {
		return ERR_UNSUPPORTED_OPERATION;
	}

	winMemory(win: number): ArrayBuffer {
		const window = this.window(win);
		return window.memoryOf(window.rank)!.buffer as ArrayBuffer;
	}

	winSharedQuery(win: number, rank: number): ArrayBuffer {
		const window = this.window(win);
		let member = rank;
		if (rank === PROC_NULL) {
			member = 0;
			while (member + 1 < window.size && window.memoryOf(member)!.length === 0) member++;
		}
		this.out[0] = window.units[member]!;
		return window.memoryOf(member)!.buffer as ArrayBuffer;
	}

	winFree(win: number): number {
		const window = this.window(win);
		const error = this.complete(window.takePending()) || this.blocking.barrier(window.comm);
		this.complete(window.stop());
		this.#windows[win] = undefined;
		window.close();
		return this.commFree(window.comm) || error;
	}

	protected window(handle: number): Window {
		return this.#windows[handle]!;
	}

	/** Waits for all of them; gives the first error. */
	protected complete(operations: readonly Operation[]): number {
		const goal = new AllGoal(operations);
		if (!goal.done) this.waits.until(goal);
		return operations.find(({ error }) => error !== SUCCESS)?.error ?? SUCCESS;
	}

	#makeWindow(comm: number, part: OwnPart): number {
		const dupError = this.commDup(comm);
		if (dupError !== SUCCESS) return dupError;
		const own = this.out[0]!;
		const { members } = this.communicator(own);
		const shapes = new Float64Array(2 * members.length);
		this.blocking.allgather(Float64Array.of(part.bytes, part.unit), 2, DOUBLE, shapes, 2, DOUBLE, own);
		const sizes = members.map((_, member) => shapes[2 * member]!);
		const units = members.map((_, member) => shapes[2 * member + 1]!);
		const window = members.length === 1 ? this.#windowAlone(own, units, part) : this.#windowOfMany(own, sizes, units, part);
		if (window === undefined) return this.commFree(own) || ERR_NO_MEM;
		this.out[0] = this.#windows.push(window) - 1;
		return SUCCESS;
	}

	#windowAlone(comm: number, units: readonly number[], { bytes, own }: OwnPart): Window | undefined {
		try {
			const memory = own ?? new Uint8Array(new ArrayBuffer(bytes));
			const control = this.#control(comm, new Int32Array(controlWords(1)));
			return new Window({ ...this.#parts(comm), control, units, memoryOf: () => memory, close: () => undefined });
		} catch {
			return undefined;
		}
	}

	#windowOfMany(comm: number, sizes: readonly number[], units: readonly number[], { own }: OwnPart): Window | undefined {
		const memory = this.#sharedMemory(comm, sizes);
		if (memory === undefined) return undefined;
		const { rank } = this.communicator(comm);
		const views: (Uint8Array | undefined)[] = [];
		const memoryOf = (member: number): Uint8Array | undefined => {
			if (own !== undefined) return member === rank ? own : undefined;
			return (views[member] ??= new Uint8Array(memory.part(member)));
		};
		const close = (): void => (rank === 0 ? memory.release() : undefined);
		const window = new Window({ ...this.#parts(comm), control: this.#control(comm, memory.control), units, memoryOf, close });
		if (own !== undefined) window.serve(own);
		return window;
	}

	/** Made by rank 0, opened by the others; undefined everywhere when somebody cannot. */
	#sharedMemory(comm: number, sizes: readonly number[]): WindowMemory | undefined {
		const { rank } = this.communicator(comm);
		const job = this.job!;
		const shape = { controlBytes: controlWords(sizes.length) * 4, sizes };
		let memory = rank === 0 ? attempt(() => WindowMemory.create(job, shape)) : undefined;
		const made = memory;
		const page = Int32Array.of(memory?.page ?? 0);
		this.blocking.bcast(page, 1, INT, 0, comm);
		if (rank > 0 && page[0] !== 0) memory = attempt(() => new WindowMemory(job, page[0]!, shape));
		if (attempt(() => memory?.part(rank)) === undefined) memory = undefined;
		const all = new Int32Array(1);
		this.blocking.allreduce(Int32Array.of(memory === undefined ? 0 : 1), all, 1, INT, opHandles.MIN, comm);
		if (all[0] === 1) return memory;
		made?.release();
		return undefined;
	}

	#parts(comm: number): { comm: number; channel: RankChannel; endpoint: EngineDatatypes['endpoint'] } {
		const communicator = this.communicator(comm);
		const { rank, members } = communicator;
		const channel = new RankChannel(this.endpoint, rank, members, () => communicator.base + contextKind.messages);
		return { comm, channel, endpoint: this.endpoint };
	}

	#control(comm: number, words: Int32Array): WindowControl {
		const { rank, members } = this.communicator(comm);
		return new WindowControl(words, rank, members.length, members.length === 1 ? this.#processAlone() : this.#processOf(members));
	}

	#processOf(members: readonly number[]): WindowProcess {
		return {
			token: self().token,
			isAlive,
			wake: (member) => this.job!.wake(members[member]!),
			wait: (isDone, awaited, what) =>
				this.#waitFor(
					isDone,
					awaited.map((member) => members[member]!),
					what,
				),
		};
	}

	#processAlone(): WindowProcess {
		const wait: WindowProcess['wait'] = (isDone, _, what) => this.#waitFor(isDone, [], what);
		return { token: 1, isAlive: () => true, wake: () => undefined, wait };
	}

	#waitFor(isDone: () => boolean, ranks: readonly number[], what: string): void {
		let done = false;
		this.waits.until(new PredicateGoal(() => (done ||= isDone()), ranks, what));
	}
}

/** Undefined when it fails: the others are told, and all give the same error. */
function attempt<T>(action: () => T): T | undefined {
	try {
		return action();
	} catch {
		return undefined;
	}
}
