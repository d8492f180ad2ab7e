/**
 * A schedule under way (schedule.ts): progress goes on with it whenever the transfers that it waits for are done. It is
 * an operation too, which is done with the schedule. What a user's function throws in it is kept for whoever asks for
 * the result.
 */
import type { Endpoint } from './endpoint.ts';
import { Operation, operationKind, type Follower } from './operation.ts';
import type { Schedule, Transfer } from '../schedules/schedule.ts';

interface RunningOptions {
	/** What it is, for reports. */
	readonly name?: string;
	/** What the schedule waits for already. */
	readonly pending?: readonly Transfer[];
}

export class RunningSchedule implements Follower {
	readonly operation = new Operation();
	/** What it is, for reports. */
	readonly name: string;
	/** Whether something was thrown, and what. */
	thrown: { readonly error: unknown } | undefined;
	/** The transfers that it waits for. */
	awaited: readonly Operation[] = [];
	readonly #endpoint: Endpoint;
	readonly #schedule: Schedule;
	#pending = 0;

	constructor(endpoint: Endpoint, schedule: Schedule, { name = '', pending = [] }: RunningOptions = {}) {
		this.name = name;
		this.#endpoint = endpoint;
		this.#schedule = schedule;
		this.operation.kind = operationKind.collective;
		this.operation.running = this;
		if (this.#awaits(pending)) this.goOn();
	}

	transferDone(): void {
		if (--this.#pending === 0) this.#endpoint.ready.push(this);
	}

	/** As far as that goes without waiting. */
	goOn(): void {
		for (;;) {
			let next: IteratorResult<readonly Transfer[], number>;
			try {
				next = this.#schedule.next();
			} catch (error) {
				this.thrown = { error };
				return this.#end(0);
			}
			if (next.done === true) return this.#end(next.value);
			if (!this.#awaits(next.value)) return;
		}
	}

	/** Follows those that are not done; true when all are. */
	#awaits(transfers: readonly Transfer[]): boolean {
		if (areDone(transfers)) return true;
		this.awaited = (transfers as readonly Operation[]).filter(({ done }) => !done);
		this.#pending = this.awaited.length;
		for (const operation of this.awaited) operation.follower = this;
		return this.#pending === 0;
	}

	#end(error: number): void {
		this.awaited = [];
		this.operation.error = error;
		this.#endpoint.settle(this.operation);
	}
}

export function areDone(transfers: readonly Transfer[]): boolean {
	for (let i = 0; i < transfers.length; i++) if (!transfers[i]!.done) return false;
	return true;
}
