/**
 * What a request stands for: something under way that will be complete. Either one operation of the engine's, or
 * several steps (the messages of a large value).
 */
import { ANY_SOURCE } from '../../constants.ts';
import type { Exception } from '../errors/exception.ts';
import { check, type ErrorOwner } from '../arguments/check.ts';
import type { Awaited } from '../../engine/requests.ts';
import { engine } from '../environment/lifecycle.ts';
import { clearStatus, takeStatus, type Status } from './status.ts';

/** Of what is not one operation of the engine's. */
export const NO_NUMBER = -1;

export interface Operation<T> {
	/** The engine's request where that is all that is waited for, else NO_NUMBER. */
	readonly number: number;
	/**
	 * Whether it is complete, after what could be done without waiting; then it fills the status. Throws what it has
	 * failed with: that is complete, too.
	 */
	advance(status: Status): boolean;
	/** Of what has no number: any of these may be what it waits for; absent or none: unknown. */
	awaited?(): readonly Awaited[];
	/** Waits for it. Throws what it has failed with. */
	block(status: Status | undefined): void;
	/** `waitAny` has found it to be complete, with this code. */
	finishWith(code: number, status: Status): void;
	/** What came of it, once it is complete. */
	value(): T;
	cancel(): void;
	/** It goes on, nobody asks for it any more. */
	free(): void;
}

/** One operation of the engine's. */
export class EngineOperation<T = void> implements Operation<T> {
	number: number;
	readonly #owner: ErrorOwner | undefined;
	readonly #valueOf: (() => T) | undefined;

	/** @param valueOf - gives the value, when it is complete; none: undefined */
	constructor(number: number, owner: ErrorOwner | undefined, valueOf?: () => T) {
		this.number = number;
		this.#owner = owner;
		this.#valueOf = valueOf;
	}

	advance(status: Status): boolean {
		const code = engine().test(this.number);
		if (code === 0 && engine().out[0] === 0) return false;
		this.finishWith(code, status);
		return true;
	}

	block(status: Status | undefined): void {
		const code = engine().wait(this.number);
		this.number = NO_NUMBER;
		if (status !== undefined) takeStatus(status);
		check(code, this.#owner);
	}

	finishWith(code: number, status: Status): void {
		this.number = NO_NUMBER;
		takeStatus(status);
		check(code, this.#owner);
	}

	value(): T {
		return this.#valueOf?.() as T;
	}

	cancel(): void {
		check(engine().cancel(this.number), this.#owner);
	}

	free(): void {
		const { number } = this;
		this.number = NO_NUMBER;
		check(engine().freeRequest(number), this.#owner);
	}
}

/** What was complete when it was started: a buffered send, or a receive from nobody. */
export class DoneOperation implements Operation<void> {
	readonly #source: number;

	/** @param source - of the status, with a message of no bytes */
	constructor(source: number = ANY_SOURCE) {
		this.#source = source;
	}

	get number(): number {
		return NO_NUMBER;
	}

	advance(status: Status): boolean {
		this.block(status);
		return true;
	}

	block(status: Status | undefined): void {
		if (status === undefined) return;
		clearStatus(status);
		status.source = this.#source;
	}
	finishWith(): void {}
	value(): void {}
	cancel(): void {}
	free(): void {}
}

/** How an operation has ended. */
export interface Outcome<T> {
	readonly value: T | undefined;
	readonly error: Exception | Error | undefined;
	/** Absent where it was given to whoever waited. */
	readonly status: Status | undefined;
}
