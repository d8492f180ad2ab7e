/**
 * What has been started and will be complete some time: a request can be waited for, tested, and awaited without
 * blocking the event loop. It has one completion and one value, however it is asked for: `wait()` after `await` gives
 * the same.
 *
 * As in MPI, whoever starts an operation must not touch its buffers before it is complete, and completes it some time.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_REQUEST, UNDEFINED } from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import {
	statusOfAll,
	statusOfAny,
	statusOfSome,
	testAll,
	testAny,
	testSome,
	waitForAll,
	waitForAny,
	waitForSome,
	type Completable,
	type Statuses,
} from './completion.ts';
import type { Awaited, Trace } from '../../engine/requests.ts';
import { engine } from '../environment/lifecycle.ts';
import { awaitable } from './awaitable.ts';
import { NO_NUMBER, type Operation, type Outcome } from './operation.ts';
import { clearStatus, copyStatus, Status } from './status.ts';

/** A Status that is to be filled, as an argument. */
export type StatusArgument = Status | null | { readonly status?: Status | null };

export class Request<T = void> implements PromiseLike<T>, Completable {
	#operation: Operation<T> | undefined;
	#outcome: Outcome<T> | undefined;
	#isSeen = false;
	#promise: Promise<T> | undefined;
	#settle: (() => void) | undefined;
	/** What waits for it in the event loop sees that it is complete. */
	#askAgain: (() => void) | undefined;

	/** @internal Methods such as `Isend` make requests. */
	constructor(operation?: Operation<T>) {
		this.#operation = operation;
	}

	/** 0: there is nothing to wait for any more, as in MPI.REQUEST_NULL. */
	get handle(): number {
		return this.isIdle ? 0 : 1 + Math.max(this.number, 0);
	}

	/** @internal */
	get number(): number {
		return this.#outcome === undefined ? (this.#operation?.number ?? NO_NUMBER) : NO_NUMBER;
	}

	/** @internal */
	get isIdle(): boolean {
		return this.#operation === undefined || this.#isSeen;
	}

	/** Blocks until the operation is complete. Always true, as in mpi4py. */
	Wait(status?: StatusArgument): true {
		this.#complete(statusOf(status));
		return true;
	}

	/** Whether the operation is complete. */
	Test(status?: StatusArgument): boolean {
		const target = statusOf(status);
		if (!this.poll()) return false;
		this.#seeOrThrow(target);
		return true;
	}

	/** As Test, but the completion stays to be asked for. */
	Get_status(status?: StatusArgument): boolean {
		const target = statusOf(status);
		if (!this.poll()) return false;
		if (target !== undefined) this.describeTo(target);
		return true;
	}

	/** Blocks until the operation is complete, and gives its value: that of a received object, else undefined. */
	wait(status?: StatusArgument): T {
		this.#complete(statusOf(status));
		return this.#outcome?.value as T;
	}

	/** [whether the operation is complete, its value]. */
	test(status?: StatusArgument): [flag: true, value: T] | [flag: false, value: undefined] {
		return this.Test(status) ? [true, this.#outcome?.value as T] : [false, undefined];
	}

	/** Whether the operation is complete, as Get_status. */
	get_status(status?: StatusArgument): boolean {
		return this.Get_status(status);
	}

	/**
	 * A receive that has matched nothing yet will not match; it must be completed all the same, and its status says
	 * whether it was cancelled.
	 */
	Cancel(): void {
		this.#active('cancel').cancel();
	}

	cancel(): void {
		this.Cancel();
	}

	/** The operation goes on, and nobody will know when it is complete. */
	Free(): void {
		if (this.#operation === undefined) this.#active('free');
		if (this.#outcome === undefined) this.#operation?.free();
		this.#operation = undefined;
	}

	/** As `Free()`, without an error where there is nothing to wait for. */
	free(): void {
		if (!this.isIdle) this.Free();
	}

	/** Awaits it: the event loop goes on meanwhile. */
	// oxlint-disable-next-line unicorn/no-thenable -- being awaited is what it is for
	then<A = T, B = never>(
		onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
		onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
	): Promise<A | B> {
		this.#promise ??= this.#await();
		return this.#promise.then(onFulfilled, onRejected);
	}

	// Several at once

	static Waitall(requests: readonly Request<unknown>[], statuses?: Statuses): true {
		waitForAll(listOf(requests), statuses);
		return true;
	}

	static Testall(requests: readonly Request<unknown>[], statuses?: Statuses): boolean {
		return testAll(listOf(requests), statuses);
	}

	/** The place in the list of one that is complete; MPI.UNDEFINED when there is nothing to wait for. */
	static Waitany(requests: readonly Request<unknown>[], status?: StatusArgument): number {
		return waitForAny(listOf(requests), statusOf(status));
	}

	/** [the place of one that is complete or MPI.UNDEFINED, whether there was one or there is nothing to wait for]. */
	static Testany(requests: readonly Request<unknown>[], status?: StatusArgument): [index: number, flag: boolean] {
		const index = testAny(listOf(requests), statusOf(status));
		return index === undefined ? [UNDEFINED, false] : [index, true];
	}

	/** The places of those that are complete, at least one; null when there is nothing to wait for. */
	static Waitsome(requests: readonly Request<unknown>[], statuses?: Statuses): number[] | null {
		return waitForSome(listOf(requests), statuses) ?? null;
	}

	/** The places of those that are complete; null when there is nothing to wait for. */
	static Testsome(requests: readonly Request<unknown>[], statuses?: Statuses): number[] | null {
		return testSome(listOf(requests), statuses) ?? null;
	}

	/** Whether all are complete; their completions stay to be asked for. */
	static Get_status_all(requests: readonly Request<unknown>[], statuses?: Statuses): boolean {
		return statusOfAll(listOf(requests), statuses);
	}

	/** As Testany, but the completion stays to be asked for. */
	static Get_status_any(requests: readonly Request<unknown>[], status?: StatusArgument): [index: number, flag: boolean] {
		const index = statusOfAny(listOf(requests), statusOf(status));
		return index === undefined ? [UNDEFINED, false] : [index, true];
	}

	/** As Testsome, but the completions stay to be asked for. */
	static Get_status_some(requests: readonly Request<unknown>[], statuses?: Statuses): number[] | null {
		return statusOfSome(listOf(requests), statuses) ?? null;
	}

	static get_status_all(requests: readonly Request<unknown>[], statuses?: Statuses): boolean {
		return Request.Get_status_all(requests, statuses);
	}

	static get_status_any(requests: readonly Request<unknown>[], status?: StatusArgument): [index: number, flag: boolean] {
		return Request.Get_status_any(requests, status);
	}

	static get_status_some(requests: readonly Request<unknown>[], statuses?: Statuses): number[] | null {
		return Request.Get_status_some(requests, statuses);
	}

	/** Their values. */
	static waitall<T>(requests: readonly Request<T>[], statuses?: Statuses): T[] {
		waitForAll(listOf(requests), statuses);
		return valuesOf(requests);
	}

	/** [whether all are complete, their values]. */
	static testall<T>(requests: readonly Request<T>[], statuses?: Statuses): [flag: true, values: T[]] | [flag: false, values: null] {
		return testAll(listOf(requests), statuses) ? [true, valuesOf(requests)] : [false, null];
	}

	/** [the place of one that is complete, its value]; [MPI.UNDEFINED, undefined] when there is nothing to wait for. */
	static waitany<T>(requests: readonly Request<T>[], status?: StatusArgument): [index: number, value: T | undefined] {
		const index = waitForAny(listOf(requests), statusOf(status));
		return [index, index === UNDEFINED ? undefined : requests[index]!.wait()];
	}

	/** [place or MPI.UNDEFINED, whether there was one or there is nothing to wait for, its value]. */
	static testany<T>(requests: readonly Request<T>[], status?: StatusArgument): [index: number, flag: boolean, value: T | undefined] {
		const [index, flag] = Request.Testany(requests, status);
		return [index, flag, index === UNDEFINED ? undefined : requests[index]!.wait()];
	}

	/** [the places of those that are complete, at least one; their values]; nulls when there is nothing to wait for. */
	static waitsome<T>(requests: readonly Request<T>[], statuses?: Statuses): [indices: number[], values: T[]] | [indices: null, values: null] {
		const indices = Request.Waitsome(requests, statuses);
		return indices === null ? [null, null] : [indices, valuesOf(indices.map((index) => requests[index]!))];
	}

	/** [the places of those that are complete; their values]; nulls when there is nothing to wait for. */
	static testsome<T>(requests: readonly Request<T>[], statuses?: Statuses): [indices: number[], values: T[]] | [indices: null, values: null] {
		const indices = Request.Testsome(requests, statuses);
		return indices === null ? [null, null] : [indices, valuesOf(indices.map((index) => requests[index]!))];
	}

	// For those who complete several

	/** @internal */
	awaited(): readonly Awaited[] {
		return this.number === NO_NUMBER ? (this.#operation?.awaited?.() ?? []) : [this.number];
	}

	/** @internal */
	poll(): boolean {
		if (this.#operation === undefined || this.#outcome !== undefined) return true;
		const status = spare;
		if (!this.#attempt(status, (operation) => operation.advance(status))) return false;
		spare = new Status();
		return true;
	}

	/** @internal */
	finish(status: Status | undefined): void {
		if (this.#operation === undefined || this.#outcome !== undefined) return;
		this.#attempt(status, (operation) => (operation.block(status), true));
	}

	/** @internal */
	took(code: number): void {
		const status = new Status();
		this.#attempt(status, (operation) => (operation.finishWith(code, status), true));
	}

	/** @internal */
	see(status: Status | undefined): Error | undefined {
		if (status !== undefined) this.describeTo(status);
		if (this.#operation !== undefined) this.#isSeen = true;
		return this.#outcome?.error;
	}

	/** @internal Starts anew: a persistent request. */
	protected restart(operation: Operation<T>): void {
		this.#operation = operation;
		this.#outcome = undefined;
		this.#isSeen = false;
		this.#promise = undefined;
	}

	/** What Wait and wait do: as finish and see, without a Status that nobody wants. */
	#complete(status: Status | undefined): void {
		if (this.#operation !== undefined && this.#outcome === undefined) {
			this.#attempt(undefined, (operation) => (operation.block(status), true));
			this.#isSeen = true;
			if (this.#outcome!.error !== undefined) throw this.#outcome!.error;
		} else this.#seeOrThrow(status);
	}

	#seeOrThrow(status: Status | undefined): void {
		const error = this.see(status);
		if (error !== undefined) throw error;
	}

	/** False: it is not complete. Else its outcome is there. */
	#attempt(status: Status | undefined, step: (operation: Operation<T>) => boolean): boolean {
		const operation = this.#operation!;
		try {
			if (!step(operation)) return false;
			this.#outcome = { value: operation.value(), error: undefined, status };
		} catch (error) {
			this.#outcome = { value: undefined, error: error as Error, status };
		}
		this.#settle?.();
		return true;
	}

	/** @internal How it has ended; empty where there is nothing to tell. */
	describeTo(status: Status): void {
		if (this.#outcome?.status === undefined) clearStatus(status);
		else copyStatus(this.#outcome.status, status);
	}

	#active(verb: string): Operation<T> {
		if (this.isIdle) fail(ERR_REQUEST, `Cannot ${verb} a request that there is not: it is MPI.REQUEST_NULL, or is complete.`);
		return this.#operation!;
	}

	#await(): Promise<T> {
		const { promise, resolve, reject, trace } = awaitable<T>();
		this.#settle = () => {
			this.#settle = undefined;
			this.#askAgain?.();
			const { value, error } = this.#outcome!;
			if (error === undefined) resolve(value as T);
			else reject(error);
			this.#isSeen = true;
		};
		if (this.#operation === undefined) resolve(undefined as T);
		else if (this.#outcome !== undefined) this.#settle();
		else if (!this.poll()) this.#watch(trace);
		return promise;
	}

	/** Somebody else may complete it first, who settles the promise then. */
	#watch(trace: Trace): void {
		const { number } = this;
		if (number === NO_NUMBER)
			this.#askAgain = engine().poll(() => this.#outcome !== undefined || this.#operation === undefined || this.poll(), {
				awaited: () => this.awaited(),
				trace,
			});
		else engine().whenComplete(number, () => void (this.number === number && this.poll()), trace);
	}
}

/** For the next poll that finds something complete: most do not. */
let spare = new Status();

export const REQUEST_NULL: Request = new Request();

/** The Status of an argument. */
export function statusOf(argument: StatusArgument | undefined): Status | undefined {
	if (argument === undefined || argument === null) return undefined;
	if (argument instanceof Status) return argument;
	const { status } = argument;
	if (status === undefined || status === null) return undefined;
	if (status instanceof Status) return status;
	throw new ArgumentError(`Expected \`status\` to be an MPI.Status, got ${describe(status)}.`);
}

function listOf(requests: readonly Request<never>[] | readonly Request<unknown>[]): readonly Request<unknown>[] {
	if (!Array.isArray(requests) || !requests.every((request) => request instanceof Request)) {
		throw new ArgumentError('Expected `requests` to be an array of MPI.Request objects, as Isend() and the like give them.');
	}
	return requests;
}

function valuesOf<T>(requests: readonly Request<T>[]): T[] {
	return requests.map((request) => request.wait());
}
