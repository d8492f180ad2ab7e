/** Point-to-point, as the seam wants it (mpi/engine/point-to-point.ts). */
import type { BufferView, EngineBuffer } from '../../engine/buffers.ts';
import type { PointToPoint } from '../../engine/point-to-point.ts';
import { ANY_SOURCE, ANY_TAG, BSEND_OVERHEAD, ERR_BUFFER, PROC_NULL, SUCCESS } from '../../constants.ts';
import { MESSAGE_NO_PROC_HANDLE } from '../../handles.ts';
import type { Communicator } from '../communicators/communicator.ts';
import { EngineRequests } from './requests.ts';
import { AllGoal, PredicateGoal, rankText, tagText } from '../waiting/goals.ts';
import type { UnexpectedMessage } from '../messages/matching.ts';
import { Operation, operationKind } from '../messages/operation.ts';
import { BYTE_HANDLE, FIRST_OWN_HANDLE, SEND_BUFFERED, SEND_SYNCHRONOUS } from '../../engine/shared-numbers.ts';

/** A message that was taken out of the matching, and not received yet. */
interface Taken {
	readonly unexpected: UnexpectedMessage;
	readonly communicator: Communicator;
}

export abstract class EnginePointToPoint extends EngineRequests implements PointToPoint {
	readonly #taken = new Map<number, Taken>();
	#nextTaken = FIRST_OWN_HANDLE;
	/** Bytes of the attached buffer; undefined: there is none. */
	#attached: number | undefined;
	#inBuffer = 0;
	readonly #buffered = new Set<Operation>();

	send(buffer: EngineBuffer, count: number, type: number, dest: number, tag: number, comm: number, mode: number): number {
		if (dest === PROC_NULL) return SUCCESS;
		const communicator = this.communicator(comm);
		const memory = this.sendMemory(buffer, count, type);
		const peer = communicator.peers[dest]!;
		if (mode !== SEND_SYNCHRONOUS && this.isEager && mode !== SEND_BUFFERED) {
			if (this.endpoint.trySend(memory, memory.length, peer, tag, communicator.base)) return SUCCESS;
		}
		if (mode === SEND_BUFFERED) return this.#sendBuffered(memory, peer, tag, communicator);
		const operation = this.#sending(this.borrow(operationKind.send), memory, peer, tag, communicator, mode);
		const error = this.finish(operation);
		this.giveBack(operation);
		return error;
	}

	isend(buffer: EngineBuffer, count: number, type: number, dest: number, tag: number, comm: number, mode: number): number {
		if (dest === PROC_NULL) return this.#nobody(operationKind.send);
		const communicator = this.communicator(comm);
		const memory = this.sendMemory(buffer, count, type);
		const peer = communicator.peers[dest]!;
		if (mode === SEND_BUFFERED) {
			const error = this.#sendBuffered(memory, peer, tag, communicator);
			return error === SUCCESS ? this.#complete(operationKind.send) : -error;
		}
		return this.request(this.#sending(new Operation(), memory, peer, tag, communicator, mode));
	}

	recv(buffer: EngineBuffer, count: number, type: number, source: number, tag: number, comm: number): number {
		if (source === PROC_NULL) {
			this.writeStatus(PROC_NULL, ANY_TAG, 0, SUCCESS);
			return SUCCESS;
		}
		const communicator = this.communicator(comm);
		const memory = this.receiveMemory(buffer, count, type);
		const { shortWay } = this;
		if (source !== ANY_SOURCE && shortWay.receive(memory, communicator.peers[source]!, tag, communicator.base)) {
			this.writeStatus(source, shortWay.tag, shortWay.bytes, shortWay.error);
			this.#unpackDirect(memory, buffer, count, type);
			return shortWay.error;
		}
		const operation = this.#receiving(this.borrow(operationKind.receive), memory, source, tag, communicator);
		this.unpackLater(operation, buffer, count, type);
		this.endpoint.startReceive(operation);
		const error = this.finish(operation);
		this.setStatus(operation);
		this.giveBack(operation);
		return error;
	}

	irecv(buffer: EngineBuffer, count: number, type: number, source: number, tag: number, comm: number): number {
		if (source === PROC_NULL) return this.#nobody(operationKind.receive);
		return this.request(this.#startReceive(buffer, count, type, source, tag, comm));
	}

	sendrecv(
		send: EngineBuffer,
		sendCount: number,
		sendType: number,
		dest: number,
		sendTag: number,
		receive: EngineBuffer,
		receiveCount: number,
		receiveType: number,
		source: number,
		receiveTag: number,
		comm: number,
	): number {
		const receiving = source === PROC_NULL ? undefined : this.#startReceive(receive, receiveCount, receiveType, source, receiveTag, comm);
		const sendError = this.send(send, sendCount, sendType, dest, sendTag, comm, 0);
		if (receiving === undefined) {
			this.writeStatus(PROC_NULL, ANY_TAG, 0, SUCCESS);
			return sendError;
		}
		const error = this.finish(receiving);
		this.setStatus(receiving);
		return sendError === SUCCESS ? error : sendError;
	}

	sendrecvReplace(
		buffer: EngineBuffer,
		count: number,
		type: number,
		dest: number,
		sendTag: number,
		source: number,
		receiveTag: number,
		comm: number,
	): number {
		const copy = this.sendMemory(buffer, count, type).slice();
		return this.sendrecv(copy, copy.length, 1, dest, sendTag, buffer, count, type, source, receiveTag, comm);
	}

	// ---- Probes ----

	probe(source: number, tag: number, comm: number): number {
		if (source === PROC_NULL) return this.#seenNobody();
		this.#look(source, tag, this.communicator(comm), 'wait');
		return SUCCESS;
	}

	iprobe(source: number, tag: number, comm: number): number {
		this.out[0] = 1;
		if (source === PROC_NULL) return this.#seenNobody();
		this.out[0] = this.#look(source, tag, this.communicator(comm), 'once') ? 1 : 0;
		return SUCCESS;
	}

	mprobe(source: number, tag: number, comm: number): number {
		this.out[0] = MESSAGE_NO_PROC_HANDLE;
		if (source === PROC_NULL) return this.#seenNobody();
		const communicator = this.communicator(comm);
		this.#look(source, tag, communicator, 'wait');
		this.out[0] = this.#takeOut(source, tag, communicator);
		return SUCCESS;
	}

	improbe(source: number, tag: number, comm: number): number {
		this.out[0] = 1;
		this.out[1] = MESSAGE_NO_PROC_HANDLE;
		if (source === PROC_NULL) return this.#seenNobody();
		const communicator = this.communicator(comm);
		const isThere = this.#look(source, tag, communicator, 'once');
		this.out[0] = isThere ? 1 : 0;
		this.out[1] = isThere ? this.#takeOut(source, tag, communicator) : 0;
		return SUCCESS;
	}

	mrecv(buffer: EngineBuffer, count: number, type: number, message: number): number {
		const operation = this.#receiveTaken(buffer, count, type, message);
		const error = this.finish(operation);
		this.setStatus(operation);
		return error;
	}

	mprobeRecv(buffer: EngineBuffer, count: number, source: number, tag: number, comm: number): number {
		const communicator = this.communicator(comm);
		const memory = this.receiveMemory(buffer, count, BYTE_HANDLE);
		const { shortWay, out } = this;
		out[0] = 0;
		if (source !== ANY_SOURCE && shortWay.receiveWhole(memory, communicator.peers[source]!, tag, communicator.base)) {
			this.writeStatus(source, shortWay.tag, shortWay.bytes, SUCCESS);
			return SUCCESS;
		}
		this.mprobe(source, tag, comm);
		const message = out[0]!;
		if (this.#taken.get(message)!.unexpected.length > count) return SUCCESS;
		const code = this.mrecv(buffer, count, BYTE_HANDLE, message);
		out[0] = 0;
		return code;
	}

	imrecv(buffer: EngineBuffer, count: number, type: number, message: number): number {
		return this.request(this.#receiveTaken(buffer, count, type, message));
	}

	// ---- Buffered sends ----

	attachBuffer(buffer: BufferView | null): number {
		if (buffer !== null) {
			if (this.#attached !== undefined) return ERR_BUFFER;
			this.#attached = buffer.byteLength;
			return SUCCESS;
		}
		if (this.#attached === undefined) return ERR_BUFFER;
		if (this.#buffered.size > 0) this.waits.until(new AllGoal([...this.#buffered]));
		this.#attached = undefined;
		return SUCCESS;
	}

	/** What goes at once needs no room. */
	#sendBuffered(memory: Uint8Array, peer: number, tag: number, communicator: Communicator): number {
		const needed = memory.length + BSEND_OVERHEAD;
		if (this.#attached === undefined || needed > this.#attached) return ERR_BUFFER;
		if (this.endpoint.trySend(memory, memory.length, peer, tag, communicator.base)) return SUCCESS;
		if (this.#inBuffer + needed > this.#attached) this.endpoint.progress();
		if (this.#inBuffer + needed > this.#attached) return ERR_BUFFER;
		const operation = new Operation();
		this.#inBuffer += needed;
		this.#buffered.add(operation);
		operation.follower = {
			transferDone: () => {
				this.#inBuffer -= needed;
				this.#buffered.delete(operation);
			},
		};
		this.#sending(operation, memory.slice(), peer, tag, communicator, SEND_BUFFERED);
		return SUCCESS;
	}

	// ---- Operations ----

	#sending(operation: Operation, memory: Uint8Array, peer: number, tag: number, communicator: Communicator, mode: number): Operation {
		operation.kind = operationKind.send;
		operation.memory = memory;
		operation.peer = peer;
		operation.tag = tag;
		operation.context = communicator.base;
		operation.communicator = communicator;
		operation.isSynchronous = mode === SEND_SYNCHRONOUS || (!this.isEager && mode !== SEND_BUFFERED);
		this.endpoint.startSend(operation);
		return operation;
	}

	#startReceive(buffer: EngineBuffer, count: number, type: number, source: number, tag: number, comm: number): Operation {
		const memory = this.receiveMemory(buffer, count, type);
		const operation = this.#receiving(new Operation(), memory, source, tag, this.communicator(comm));
		this.unpackLater(operation, buffer, count, type);
		this.endpoint.startReceive(operation);
		return operation;
	}

	#receiving(operation: Operation, memory: Uint8Array, source: number, tag: number, communicator: Communicator): Operation {
		operation.kind = operationKind.receive;
		operation.memory = memory;
		operation.peer = source === ANY_SOURCE ? ANY_SOURCE : communicator.peers[source]!;
		operation.tag = tag;
		operation.context = communicator.base;
		operation.communicator = communicator;
		return operation;
	}

	#receiveTaken(buffer: EngineBuffer, count: number, type: number, message: number): Operation {
		const taken = this.#taken.get(message);
		if (taken === undefined) return this.#nobodyOperation(operationKind.receive);
		this.#taken.delete(message);
		const operation = new Operation();
		operation.kind = operationKind.receive;
		operation.communicator = taken.communicator;
		operation.memory = this.receiveMemory(buffer, count, type);
		this.unpackLater(operation, buffer, count, type);
		this.endpoint.receive(operation, taken.unexpected);
		return operation;
	}

	#nobody(kind: number): number {
		return this.request(this.#nobodyOperation(kind));
	}

	/** To or from PROC_NULL. */
	#nobodyOperation(kind: number): Operation {
		const operation = new Operation();
		operation.kind = kind;
		operation.peer = PROC_NULL;
		operation.tag = ANY_TAG;
		operation.done = true;
		return operation;
	}

	#complete(kind: number): number {
		const operation = new Operation();
		operation.kind = kind;
		operation.done = true;
		return this.request(operation);
	}

	#unpackDirect(memory: Uint8Array, buffer: EngineBuffer, count: number, type: number): void {
		if (memory.length > 0 && !this.types.isContiguous(type)) this.types.unpack(memory.subarray(0, this.shortWay.bytes), buffer, count, type);
	}

	// ---- The looks of probes ----

	/** Whether a message is there that a receive would take; it is described in `status`. */
	#look(source: number, tag: number, communicator: Communicator, how: 'wait' | 'once'): boolean {
		const context = this.endpoint.queuesOf(communicator.base);
		const peer = source === ANY_SOURCE ? ANY_SOURCE : communicator.peers[source]!;
		this.endpoint.progress();
		let index = context.find(peer, tag);
		if (index < 0 && how === 'wait') {
			const ranks = peer === ANY_SOURCE ? communicator.others : [peer];
			const details = `source=${rankText(communicator, peer)}, tag=${tagText(tag)}`;
			this.waits.until(new PredicateGoal(() => (index = context.find(peer, tag)) >= 0, ranks, details));
		}
		if (index < 0) return false;
		const unexpected = context.unexpected[index]!;
		this.writeStatus(communicator.rankOf(unexpected.source), unexpected.tag, unexpected.length, SUCCESS);
		return true;
	}

	#takeOut(source: number, tag: number, communicator: Communicator): number {
		const peer = source === ANY_SOURCE ? ANY_SOURCE : communicator.peers[source]!;
		const unexpected = this.endpoint.queuesOf(communicator.base).takeUnexpected(peer, tag)!;
		this.#taken.set(this.#nextTaken, { unexpected, communicator });
		return this.#nextTaken++;
	}

	#seenNobody(): number {
		this.writeStatus(PROC_NULL, ANY_TAG, 0, SUCCESS);
		return SUCCESS;
	}
}
