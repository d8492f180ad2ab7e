/** Accesses to windows and their epochs, as the seam wants them (engine/windows.ts). */
import type { EngineBuffer } from '../engine/buffers.ts';
import type { Windows } from '../engine/windows.ts';
import { LOCK_EXCLUSIVE, MODE_NOCHECK, PROC_NULL, SUCCESS } from '../constants.ts';
import { opHandles } from '../handles.ts';
import { roomFor, settle, type Room } from './collectives/blocks.ts';
import { packed } from './datatypes.ts';
import { EngineWindowMaking } from './engine-window-making.ts';
import { Operation } from './operation.ts';
import { accessKind } from './window-access.ts';
import type { Window } from './window.ts';

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

interface Wanted {
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
	readonly put: Windows['put'] = (buffer, originCount, originType, rank, displacement, count, type, win) =>
		this.#begin(putting(buffer, originCount, originType), { win, rank, displacement, count, type });

	readonly get: Windows['get'] = (buffer, originCount, originType, rank, displacement, count, type, win) =>
		this.#begin(getting(buffer, originCount, originType), { win, rank, displacement, count, type });

	readonly accumulate: Windows['accumulate'] = (buffer, originCount, originType, rank, displacement, count, type, op, win) =>
		this.#begin(accumulating(op, { buffer, count: originCount, type: originType }), { win, rank, displacement, count, type });

	readonly getAccumulate: Windows['getAccumulate'] = (
		buffer,
		originCount,
		originType,
		result,
		resultCount,
		resultType,
		rank,
		displacement,
		count,
		type,
		op,
		win,
	) =>
		this.#begin(fetching(op, { buffer, count: originCount, type: originType }, { buffer: result, count: resultCount, type: resultType }), {
			win,
			rank,
			displacement,
			count,
			type,
		});

	fetchAndOp(origin: EngineBuffer, result: EngineBuffer, type: number, target: number, displacement: number, op: number, win: number): number {
		const wanted = fetching(op, { buffer: origin, count: 1, type }, { buffer: result, count: 1, type });
		return this.#begin(wanted, { win, rank: target, displacement, count: 1, type });
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

	readonly rput: Windows['rput'] = (buffer, originCount, originType, rank, displacement, count, type, win) =>
		this.#request(putting(buffer, originCount, originType), { win, rank, displacement, count, type });

	readonly rget: Windows['rget'] = (buffer, originCount, originType, rank, displacement, count, type, win) =>
		this.#request(getting(buffer, originCount, originType), { win, rank, displacement, count, type });

	readonly raccumulate: Windows['raccumulate'] = (buffer, originCount, originType, rank, displacement, count, type, op, win) =>
		this.#request(accumulating(op, { buffer, count: originCount, type: originType }), { win, rank, displacement, count, type });

	readonly rgetAccumulate: Windows['rgetAccumulate'] = (
		buffer,
		originCount,
		originType,
		result,
		resultCount,
		resultType,
		rank,
		displacement,
		count,
		type,
		op,
		win,
	) =>
		this.#request(fetching(op, { buffer, count: originCount, type: originType }, { buffer: result, count: resultCount, type: resultType }), {
			win,
			rank,
			displacement,
			count,
			type,
		});

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

	#begin(wanted: Wanted, target: Target): number {
		const begun = this.#access(wanted, target);
		return typeof begun === 'number' ? begun : SUCCESS;
	}

	#request(wanted: Wanted, target: Target): number {
		const begun = this.#access(wanted, target);
		if (typeof begun === 'number' && begun !== SUCCESS) return -begun;
		if (typeof begun !== 'number') return this.request(begun);
		const operation = new Operation();
		operation.peer = PROC_NULL;
		operation.done = true;
		return this.request(operation);
	}

	#access({ kind, op = opHandles.NO_OP, origin, compare, result }: Wanted, { win, rank, displacement, count, type }: Target): Operation | number {
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

function putting(buffer: EngineBuffer, count: number, type: number): Wanted {
	return { kind: accessKind.put, origin: { buffer, count, type } };
}

function getting(buffer: EngineBuffer, count: number, type: number): Wanted {
	return { kind: accessKind.get, result: { buffer, count, type } };
}

function accumulating(op: number, origin: Elements): Wanted {
	return { kind: accessKind.accumulate, op, origin };
}

function fetching(op: number, origin: Elements, result: Elements): Wanted {
	return op === opHandles.NO_OP ? { kind: accessKind.accumulate, op, result } : { kind: accessKind.accumulate, op, origin, result };
}
