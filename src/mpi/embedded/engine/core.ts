/**
 * What all parts of the embedded engine have in common: this rank's end of the rings, its communicators, datatypes and
 * operations, and the registers of the seam.
 */
import type { BufferView, EngineBuffer } from '../../engine/buffers.ts';
import { ANY_SOURCE, ANY_TAG, PROC_NULL } from '../../constants.ts';
import { COMM_SELF_HANDLE, COMM_WORLD_HANDLE } from '../../handles.ts';
import { Communicator, contextsPerCommunicator } from '../communicators/communicator.ts';
import { Datatypes, isView, packed } from '../datatypes/datatypes.ts';
import { Endpoint } from '../messages/endpoint.ts';
import { OperationGoal } from '../waiting/goals.ts';
import type { Job } from '../job/job.ts';
import { CachedView } from '../datatypes/cached-view.ts';
import { Loop } from '../waiting/loop.ts';
import { nothing, Operation, operationKind } from '../messages/operation.ts';
import { Ops } from '../ops/ops.ts';
import { ShortWay } from '../messages/short-way.ts';
import { Waits } from '../waiting/waits.ts';
import {
	FIRST_OWN_HANDLE,
	STATUS_BYTES_HIGH,
	STATUS_BYTES_LOW,
	STATUS_CANCELLED,
	STATUS_ERROR,
	STATUS_SOURCE,
	STATUS_TAG,
	STATUS_WORDS,
} from '../../engine/shared-numbers.ts';

export interface EngineSetting {
	readonly rank: number;
	readonly size: number;
	/** Undefined: a world of one. */
	readonly job: Job | undefined;
	/** False: every standard send waits until it is matched. */
	readonly isEager: boolean;
}

export abstract class EngineCore {
	readonly status: Int32Array = new Int32Array(STATUS_WORDS);
	readonly out: Float64Array = new Float64Array(8);
	protected readonly job: Job | undefined;
	protected readonly isEager: boolean;
	protected readonly endpoint: Endpoint;
	protected readonly waits: Waits;
	protected readonly loop: Loop;
	/** Of receives in calls that block. */
	protected readonly shortWay: ShortWay;
	protected readonly types: Datatypes = new Datatypes();
	protected readonly ops: Ops = new Ops();
	protected readonly worldSize: number;
	readonly #communicators: (Communicator | undefined)[] = Array.from({ length: FIRST_OWN_HANDLE }, () => undefined);
	readonly #sent = new CachedView();
	readonly #received = new CachedView();
	readonly #spares: Operation[] = [];
	/** Of one blocking call at a time. */
	readonly #goal = new OperationGoal(new Operation());
	#isWaiting = false;

	constructor({ rank, size, job, isEager }: EngineSetting) {
		this.job = job;
		this.isEager = isEager;
		this.worldSize = size;
		this.endpoint = new Endpoint(rank, size, job);
		this.waits = new Waits(this.endpoint, job);
		this.shortWay = new ShortWay(this.endpoint, this.waits);
		this.loop = new Loop(this.endpoint, this.waits, job?.waitersOf(rank));
		const members = Array.from({ length: size }, (_, member) => member);
		this.#communicators[COMM_WORLD_HANDLE] = new Communicator(0, { rank, members });
		this.#communicators[COMM_SELF_HANDLE] = new Communicator(contextsPerCommunicator, { rank: 0, members: [rank] });
	}

	// ---- Communicators by handle ----

	protected communicator(handle: number): Communicator {
		return this.#communicators[handle]!;
	}

	/** Gives it a handle. */
	protected enter(communicator: Communicator): number {
		return this.#communicators.push(communicator) - 1;
	}

	protected forget(handle: number): void {
		this.#communicators[handle] = undefined;
	}

	// ---- Buffers ----

	/** What is sent: in place where the elements are one piece of memory. */
	protected sendMemory(buffer: EngineBuffer, count: number, type: number): Uint8Array {
		if (count === 0 || !isView(buffer)) return nothing;
		const layout = this.types.layoutOf(type);
		return layout.isContiguous ? this.#sent.of(buffer, count * layout.size) : packed(buffer, count, layout);
	}

	/** Where a message of a receive goes; `operation` is told when it must be unpacked from there. */
	protected receiveMemory(buffer: EngineBuffer, count: number, type: number): Uint8Array {
		if (count === 0 || !isView(buffer)) return nothing;
		const layout = this.types.layoutOf(type);
		return layout.isContiguous ? this.#received.of(buffer, count * layout.size) : new Uint8Array(count * layout.size);
	}

	protected unpackLater(operation: Operation, buffer: EngineBuffer, count: number, type: number): void {
		const layout = count === 0 || !isView(buffer) ? undefined : this.types.layoutOf(type);
		if (layout === undefined || layout.isContiguous) return;
		operation.view = buffer as BufferView;
		operation.layout = layout;
		operation.count = count;
	}

	// ---- Operations of blocking calls ----

	/** One that `giveBack` can take back, since nobody else will have it. */
	protected borrow(kind: number): Operation {
		const operation = this.#spares.pop() ?? new Operation();
		operation.kind = kind;
		return operation;
	}

	protected giveBack(operation: Operation): void {
		operation.done = operation.cancelled = operation.isSynchronous = false;
		operation.error = operation.bytes = 0;
		operation.memory = nothing;
		operation.view = operation.layout = operation.communicator = undefined;
		this.#spares.push(operation);
	}

	/** Blocks until it is done; gives its error. */
	protected finish(operation: Operation): number {
		if (operation.done) return operation.error;
		const goal = this.#goal;
		// Called by what another call waits for, it needs one of its own.
		if (this.#isWaiting) this.waits.until(new OperationGoal(operation));
		else {
			this.#isWaiting = true;
			goal.operation = operation;
			try {
				this.waits.until(goal);
			} finally {
				this.#isWaiting = false;
			}
		}
		return operation.error;
	}

	// ---- Status ----

	/** Of an operation that is done. */
	protected setStatus(operation: Operation): void {
		const { kind, communicator, peer, tag, error, cancelled, bytes } = operation;
		const isMessage = kind === operationKind.receive && !cancelled && peer >= 0;
		const source = isMessage ? (communicator?.rankOf(peer) ?? peer) : peer === PROC_NULL ? PROC_NULL : ANY_SOURCE;
		this.writeStatus(source, isMessage ? tag : ANY_TAG, kind === operationKind.receive ? bytes : 0, error);
		this.status[STATUS_CANCELLED] = cancelled ? 1 : 0;
	}

	protected writeStatus(source: number, tag: number, bytes: number, error: number): void {
		const { status } = this;
		status[STATUS_SOURCE] = source;
		status[STATUS_TAG] = tag;
		status[STATUS_ERROR] = error;
		status[STATUS_CANCELLED] = 0;
		status[STATUS_BYTES_LOW] = bytes | 0;
		status[STATUS_BYTES_HIGH] = Math.floor(bytes / 2 ** 32);
	}
}
