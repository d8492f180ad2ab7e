/** The part of the seam (engine.ts) that is MPI's chapter on point-to-point communication. */
import type { BufferView, EngineBuffer } from './buffers.ts';

export interface PointToPoint {
	send(buffer: EngineBuffer, count: number, type: number, dest: number, tag: number, comm: number, mode: number): number;
	/** Gives a request. */
	isend(buffer: EngineBuffer, count: number, type: number, dest: number, tag: number, comm: number, mode: number): number;
	/** The message's status is in `status`. */
	recv(buffer: EngineBuffer, count: number, type: number, source: number, tag: number, comm: number): number;
	/** Gives a request. */
	irecv(buffer: EngineBuffer, count: number, type: number, source: number, tag: number, comm: number): number;
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
	): number;
	sendrecvReplace(
		buffer: EngineBuffer,
		count: number,
		type: number,
		dest: number,
		sendTag: number,
		source: number,
		receiveTag: number,
		comm: number,
	): number;
	/** Waits for a message that a receive could take; it is described in `status`. */
	probe(source: number, tag: number, comm: number): number;
	/** out[0]: 1 when there is one, described in `status`; else 0. */
	iprobe(source: number, tag: number, comm: number): number;
	/** As probe, and takes the message out of the matching: out[0] is its handle. */
	mprobe(source: number, tag: number, comm: number): number;
	/** out[0]: 1 when there was one, out[1] its handle. */
	improbe(source: number, tag: number, comm: number): number;
	mrecv(buffer: EngineBuffer, count: number, type: number, message: number): number;
	/**
	 * As mprobe, from anybody but PROC_NULL; a message of at most `count` bytes is received into the buffer at once.
	 * out[0] is the handle of a longer one, else 0.
	 */
	mprobeRecv(buffer: EngineBuffer, count: number, source: number, tag: number, comm: number): number;
	/** Gives a request. */
	imrecv(buffer: EngineBuffer, count: number, type: number, message: number): number;
	/** Memory for buffered sends, or null to take it away; that waits until what lies in it is under way. */
	attachBuffer(buffer: BufferView | null): number;
}
