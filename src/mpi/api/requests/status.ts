/** What is known of a message that was received or probed, or of an operation that has ended. */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ANY_SOURCE, ANY_TAG, SUCCESS, UNDEFINED } from '../../constants.ts';
import { engine } from '../environment/lifecycle.ts';
import { STATUS_BYTES_HIGH, STATUS_BYTES_LOW, STATUS_CANCELLED, STATUS_ERROR, STATUS_SOURCE, STATUS_TAG } from '../../engine/shared-numbers.ts';

/** What Get_count() asks of a datatype. */
export interface Countable {
	/** Bytes of data in one of them. */
	readonly size: number;
	/**
	 * How many predefined elements so many bytes of it are; UNDEFINED where they end inside one. @default as
	 * Get_count()
	 */
	elementsIn?(bytes: number): number;
}

export class Status {
	/** The sender's rank. */
	source: number = ANY_SOURCE;
	tag: number = ANY_TAG;
	/** The class of the operation's error: MPI.ERR_*, MPI.SUCCESS. */
	error: number = SUCCESS;
	cancelled = false;
	#bytes = 0;

	/** @param status - one to begin as a copy of */
	constructor(status?: Status | null) {
		if (status === undefined || status === null) return;
		if (!(status instanceof Status)) throw new ArgumentError(`Expected new MPI.Status() to be given a Status, got ${describe(status)}.`);
		copyStatus(status, this);
	}

	/** How many bytes the message has. */
	get count(): number {
		return this.#bytes;
	}

	set count(bytes: number) {
		this.#bytes = bytes;
	}

	Get_source(): number {
		return this.source;
	}

	Set_source(source: number): void {
		this.source = source;
	}

	Get_tag(): number {
		return this.tag;
	}

	Set_tag(tag: number): void {
		this.tag = tag;
	}

	Get_error(): number {
		return this.error;
	}

	Set_error(error: number): void {
		this.error = error;
	}

	/**
	 * How many of the datatype were received; MPI.UNDEFINED when the last one is not whole. @param datatype - default:
	 * MPI.BYTE
	 */
	Get_count(datatype?: Countable): number {
		return wholeOnes(this.#bytes, datatype);
	}

	/**
	 * How many predefined elements were received: also those of a datatype whose last one is not whole. @param datatype
	 * - default: MPI.BYTE
	 */
	Get_elements(datatype?: Countable): number {
		return datatype?.elementsIn?.(this.#bytes) ?? wholeOnes(this.#bytes, datatype);
	}

	Set_elements(datatype: Countable, count: number): void {
		this.#bytes = count * datatype.size;
	}

	Is_cancelled(): boolean {
		return this.cancelled;
	}

	Set_cancelled(flag: boolean): void {
		this.cancelled = flag;
	}
}

/** As it is when nothing was received: what a wait for REQUEST_NULL tells. */
export function clearStatus(status: Status): void {
	status.source = ANY_SOURCE;
	status.tag = ANY_TAG;
	status.error = SUCCESS;
	status.cancelled = false;
	status.count = 0;
}

export function copyStatus(from: Status, to: Status): void {
	to.source = from.source;
	to.tag = from.tag;
	to.error = from.error;
	to.cancelled = from.cancelled;
	to.count = from.count;
}

/** What the engine's last operation has told. */
export function takeStatus(status: Status): void {
	const words = engine().status;
	status.source = words[STATUS_SOURCE]!;
	status.tag = words[STATUS_TAG]!;
	status.error = words[STATUS_ERROR]!;
	status.cancelled = words[STATUS_CANCELLED] !== 0;
	status.count = statusBytes(words);
}

/** How many bytes it says. */
export function statusBytes(words: Int32Array): number {
	return words[STATUS_BYTES_HIGH]! * 0x1_0000_0000 + (words[STATUS_BYTES_LOW]! >>> 0);
}

function wholeOnes(bytes: number, datatype: Countable | undefined): number {
	const size = datatype?.size ?? 1;
	if (size === 0) return bytes === 0 ? 0 : UNDEFINED;
	return bytes % size === 0 ? bytes / size : UNDEFINED;
}
