/** Accesses to windows and their epochs, as the seam wants them (mpi/engine/windows.ts). */
import type { EngineBuffer } from '../../engine/buffers.ts';
import type { Windows } from '../../engine/windows.ts';
import { LOCK_EXCLUSIVE, MODE_NOCHECK, PROC_NULL, SUCCESS } from '../../constants.ts';
import { opHandles } from '../../handles.ts';
import { roomFor, settle, type Room } from '../collectives/blocks.ts';
import { packed } from '../datatypes/datatypes.ts';
import { EngineWindowMaking } from './window-making.ts';
import { Operation } from '../messages/operation.ts';
import { accessKind } from '../windows/window-access.ts';
import type { Window } from '../windows/window.ts';

interface Elements {
	readonly buffer: EngineBuffer;
	readonly count: number;
	readonly type: number;
}

interface Target {
	readonly win: number;
	readonly rank: number;
	readonly displacement: number;
	readonly count: number;
	readonly type: number;
}

interface Access {
	readonly kind: number;
	readonly op?: number;
	/** What goes to the target, and what is compared there. */
	readonly origin?: Elements;
	readonly compare?: Elements;
	/** Where that goes which was there before. */
	readonly result?: Elements;
}

const nothing = new Uint8Array(0);

export abstract class EngineWindows extends EngineWindowMaking implements Windows {
	readonly #untilFlushed = accesses((access, target) => this.#begin(access, target));
	readonly put: Windows['put'] = this.#untilFlushed.put;
	readonly get: Windows['get'] = this.#untilFlushed.get;
	readonly accumulate: Windows['accumulate'] = this.#untilFlushed.accumulate;
	readonly getAccumulate: Windows['getAccumulate'] = this.#untilFlushed.getAccumulate;

	readonly #withRequest = accesses((access, target) => this.#request(access, target));
	readonly rput: Windows['rput'] = this.#withRequest.put;
	readonly rget: Windows['rget'] = this.#withRequest.get;
	readonly raccumulate: Windows['raccumulate'] = this.#withRequest.accumulate;
	readonly rgetAccumulate: Windows['rgetAccumulate'] = this.#withRequest.getAccumulate;

	fetchAndOp(origin: EngineBuffer, result: EngineBuffer, type: number, target: number, displacement: number, op: number, win: number): number {
		const access = fetching(op, { buffer: origin, count: 1, type }, { buffer: result, count: 1, type });
		return this.#begin(access, { win, rank: target, displacement, count: 1, type });
	}

	compareAndSwap(
		origin: EngineBuffer,
		compare: EngineBuffer,
		result: EngineBuffer,
		type: number,
		target: number,
		displacement: number,
		win: number,
	): number {
		const [one, other, old] = [origin, compare, result].map((buffer) => ({ buffer, count: 1, type }));
		return this.#begin(
			{ kind: accessKind.swap, origin: one!, compare: other!, result: old! },
			{ win, rank: target, displacement, count: 1, type },
		);
	}

	// ---- Epochs ----

	fence(_assertion: number, win: number): number {
		const window = this.window(win);
		return this.complete(window.takePending()) || this.blocking.barrier(window.comm);
	}

	lock(type: number, rank: number, assertion: number, win: number): number {
		if (rank !== PROC_NULL && (assertion & MODE_NOCHECK) === 0)
			this.window(win).control.lock(rank, type === LOCK_EXCLUSIVE ? 'exclusive' : 'shared');
		return SUCCESS;
	}

	unlock(rank: number, win: number): number {
		if (rank === PROC_NULL) return SUCCESS;
		const error = this.flush(rank, win);
		this.window(win).control.unlock(rank);
		return error;
	}

	lockAll(assertion: number, win: number): number {
		const { control, size } = this.window(win);
		if ((assertion & MODE_NOCHECK) === 0) for (let rank = 0; rank < size; rank++) control.lock(rank, 'shared');
		return SUCCESS;
	}

	unlockAll(win: number): number {
		const error = this.flushAll(win);
		const { control, size } = this.window(win);
		for (let rank = 0; rank < size; rank++) control.unlock(rank);
		return error;
	}

	flush(rank: number, win: number): number {
		return rank === PROC_NULL ? SUCCESS : this.complete(this.window(win).takePending(rank));
	}

	flushAll(win: number): number {
		return this.complete(this.window(win).takePending());
	}

	/** The own buffers are free again when the target has answered. */
	flushLocal(rank: number, win: number): number {
		return this.flush(rank, win);
	}

	flushLocalAll(win: number): number {
		return this.flushAll(win);
	}

	/** All memory is the same for all, and every epoch begins and ends with an atomic operation. */
	winSync(_win: number): number {
		this.endpoint.progress();
		return SUCCESS;
	}

	post(ranks: Int32Array, _assertion: number, win: number): number {
		this.window(win).control.post([...ranks]);
		return SUCCESS;
	}

	startAccess(ranks: Int32Array, _assertion: number, win: number): number {
		this.window(win).control.start([...ranks]);
		return SUCCESS;
	}

	completeAccess(win: number): number {
		const window = this.window(win);
		const error = this.complete(window.takePending());
		window.control.complete();
		return error;
	}

	waitExposure(win: number): number {
		this.window(win).control.waitExposure();
		return SUCCESS;
	}

	testExposure(win: number): number {
		this.endpoint.progress();
		this.out[0] = this.window(win).control.testExposure() ? 1 : 0;
		return SUCCESS;
	}

	// ---- Accesses ----

	#begin(access: Access, target: Target): number {
		const begun = this.#access(access, target);
		return typeof begun === 'number' ? begun : SUCCESS;
	}

	#request(access: Access, target: Target): number {
		const begun = this.#access(access, target);
		if (typeof begun === 'number' && begun !== SUCCESS) return -begun;
		if (typeof begun !== 'number') return this.request(begun);
		const operation = new Operation();
		operation.peer = PROC_NULL;
		operation.done = true;
		return this.request(operation);
	}

	#access({ kind, op = opHandles.NO_OP, origin, compare, result }: Access, { win, rank, displacement, count, type }: Target): Operation | number {
		if (rank === PROC_NULL) return SUCCESS;
		const window: Window = this.window(win);
		const room = result === undefined ? noRoom : roomFor(result.buffer, result.count, this.types.layoutOf(result.type));
		const access = {
			kind,
			op,
			offset: displacement * window.units[rank]!,
			count,
			layout: this.types.layoutOf(type),
			data: this.#bytesOf(origin),
			compare: this.#bytesOf(compare),
		};
		return window.access(rank, access, room.bytes, () => settle(room));
	}

	#bytesOf(elements: Elements | undefined): Uint8Array {
		return elements === undefined ? nothing : packed(elements.buffer, elements.count, this.types.layoutOf(elements.type));
	}
}

const noRoom: Room = { bytes: nothing };

/** Accesses that are begun in one way: those that end with the epoch, and those that give a request. */
function accesses(begin: (access: Access, target: Target) => number): Pick<Windows, 'put' | 'get' | 'accumulate' | 'getAccumulate'> {
	return {
		put: (buffer, ownCount, ownType, rank, displacement, count, type, win) =>
			begin({ kind: accessKind.put, origin: { buffer, count: ownCount, type: ownType } }, { win, rank, displacement, count, type }),
		get: (buffer, ownCount, ownType, rank, displacement, count, type, win) =>
			begin({ kind: accessKind.get, result: { buffer, count: ownCount, type: ownType } }, { win, rank, displacement, count, type }),
		accumulate: (buffer, ownCount, ownType, rank, displacement, count, type, op, win) =>
			begin({ kind: accessKind.accumulate, op, origin: { buffer, count: ownCount, type: ownType } }, { win, rank, displacement, count, type }),
		getAccumulate: (buffer, ownCount, ownType, result, resultCount, resultType, rank, displacement, count, type, op, win) => {
			const [origin, into] = [
				{ buffer, count: ownCount, type: ownType },
				{ buffer: result, count: resultCount, type: resultType },
			];
			return begin(fetching(op, origin, into), { win, rank, displacement, count, type });
		},
	};
}

function fetching(op: number, origin: Elements, result: Elements): Access {
	return op === opHandles.NO_OP ? { kind: accessKind.accumulate, op, result } : { kind: accessKind.accumulate, op, origin, result };
}
