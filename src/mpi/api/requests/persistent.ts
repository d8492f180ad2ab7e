/**
 * Persistent requests: an operation that is described once and started many times. They match the same messages as
 * operations that are started at once.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_REQUEST, ERR_UNSUPPORTED_OPERATION } from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import type { Operation } from './operation.ts';
import { Request } from './request.ts';

export class Prequest extends Request {
	#begin: (() => Operation<void>) | undefined;

	/** @internal Methods such as `Send_init` make persistent requests. */
	constructor(begin: () => Operation<void>) {
		super();
		this.#begin = begin;
	}

	/** Starts the operation; the request must be complete, or not have been started yet. */
	Start(): void {
		if (this.#begin === undefined) fail(ERR_REQUEST, 'Cannot start a persistent request that was freed.');
		if (!this.isIdle) fail(ERR_REQUEST, 'Cannot start a persistent request that is under way: complete it first, by Wait() or Test().');
		this.restart(this.#begin());
	}

	/** Not supported: partitions are of `Psend_init()`, which is not. */
	Pready(_partition: number): never {
		return noParts('Pready()');
	}
	/** Not supported, as `Pready()`. */
	Pready_range(_partition_low: number, _partition_high: number): never {
		return noParts('Pready_range()');
	}
	/** Not supported, as `Pready()`. */
	Pready_list(_partitions: readonly number[]): never {
		return noParts('Pready_list()');
	}
	/** Not supported, as `Pready()`. */
	Parrived(_partition: number): never {
		return noParts('Parrived()');
	}

	static Startall(requests: readonly Prequest[]): void {
		if (!Array.isArray(requests) || !requests.every((request) => request instanceof Prequest)) {
			throw new ArgumentError(`Expected \`requests\` to be an array of MPI.Prequest objects, got ${describe(requests)}.`);
		}
		for (const request of requests) request.Start();
	}

	/** Nothing can be started with it any more; what is under way goes on. */
	override Free(): void {
		if (this.#begin === undefined) fail(ERR_REQUEST, 'Cannot free a persistent request twice.');
		this.#begin = undefined;
		if (!this.isIdle) super.Free();
	}
}

function noParts(method: string): never {
	return fail(
		ERR_UNSUPPORTED_OPERATION,
		`${method} is supported on no engine: this request has no partitions. Use a persistent request for each part of the buffer.`,
	);
}
