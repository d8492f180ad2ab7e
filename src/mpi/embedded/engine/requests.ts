/** Requests, as the seam wants them (mpi/engine/requests.ts), and the driving of schedules. */
import type { Collectives } from '../../engine/collectives.ts';
import type { Awaited, PollOptions, Requests, Trace } from '../../engine/requests.ts';
import { ANY_SOURCE, ERR_REQUEST, SUCCESS } from '../../constants.ts';
import { COMM_WORLD_HANDLE } from '../../handles.ts';
import { queueMicrotask } from '../../../base/clock.ts';
import { blockingChannelOf, channelOf } from '../communicators/channels.ts';
import { scheduledCollectives } from '../collectives/collectives.ts';
import { EngineCore } from './core.ts';
import type { Communicator } from '../communicators/communicator.ts';
import { AnyGoal, tagText, wantedFor, WantedGoal, type Wanted } from '../waiting/goals.ts';
import { operationKind, type Operation } from '../messages/operation.ts';
import { areDone, RunningSchedule } from '../messages/running-schedule.ts';
import type { Collective, Schedule, Transfer } from '../schedules/schedule.ts';

export abstract class EngineRequests extends EngineCore implements Requests {
	readonly blocking: Collectives = scheduledCollectives({
		begin: (comm) => this.#begin(comm, 'blocking'),
		drive: (schedule) => this.run(schedule),
	});
	readonly nonblocking: Collectives = scheduledCollectives({
		begin: (comm) => this.begin(comm),
		drive: (schedule, _, name) => this.request(new RunningSchedule(this.endpoint, schedule, { name: requestName(name) }).operation),
	});
	readonly #requests: (Operation | undefined)[] = [];
	readonly #freeNumbers: number[] = [];

	/** A request of the program for it. */
	protected request(operation: Operation): number {
		const number = this.#freeNumbers.pop() ?? this.#requests.length;
		this.#requests[number] = operation;
		return number;
	}

	wait(request: number): number {
		const operation = this.#requests[request]!;
		this.finish(operation);
		return this.#end(request, operation);
	}

	test(request: number): number {
		const operation = this.#requests[request]!;
		if (!operation.done) this.endpoint.progress();
		this.out[0] = operation.done ? 1 : 0;
		return operation.done ? this.#end(request, operation) : SUCCESS;
	}

	waitAny(requests: readonly number[]): number {
		const operations = requests.map((request) => this.#requests[request]!);
		const goal = new AnyGoal(operations);
		if (!goal.done) this.waits.until(goal);
		const place = operations.findIndex(({ done }) => done);
		this.out[0] = place;
		return this.#end(requests[place]!, operations[place]!);
	}

	cancel(request: number): number {
		const operation = this.#requests[request]!;
		if (operation.done) return SUCCESS;
		if (operation.kind === operationKind.collective) return ERR_REQUEST;
		const isTaken =
			operation.kind === operationKind.receive
				? this.endpoint.queuesOf(operation.context).withdraw(operation)
				: this.endpoint.withdrawSend(operation);
		if (!isTaken) return SUCCESS;
		operation.cancelled = true;
		this.endpoint.settle(operation);
		return SUCCESS;
	}

	freeRequest(request: number): number {
		this.#release(request);
		return SUCCESS;
	}

	whenComplete(request: number, callback: () => void, trace?: Trace): void {
		const operation = this.#requests[request]!;
		if (!operation.done) this.endpoint.progress();
		if (operation.done) queueMicrotask(callback);
		else this.loop.whenDone(operation, callback, trace);
	}

	block(advance: () => boolean, awaited: () => readonly Awaited[] = () => []): void {
		if (advance()) return;
		this.waits.until(new WantedGoal(advance, () => this.#wantedFor(awaited()), this.communicator(COMM_WORLD_HANDLE).others));
	}

	poll(advance: () => boolean, { awaited = () => [], trace }: PollOptions = {}): () => void {
		return this.loop.poll({ advance, wanted: () => this.#wantedFor(awaited()), trace });
	}

	#wantedFor(awaited: readonly Awaited[]): Wanted[] {
		return awaited.flatMap((item) => {
			if (typeof item === 'number') return this.#requests[item] === undefined ? [] : [wantedFor(this.#requests[item])];
			const { source, tag } = item;
			const communicator = this.communicator(item.comm) as Communicator | undefined;
			if (communicator === undefined) return []; // it was freed meanwhile
			const ranks = source === ANY_SOURCE ? communicator.others : [communicator.peers[source]!];
			const name = source === ANY_SOURCE ? 'ANY_SOURCE' : String(source);
			return [{ ranks, name: 'recv', details: `source=${name}, tag=${tagText(tag)}` }];
		});
	}

	/**
	 * Runs a schedule to its end. What a user's function throws in it is thrown. As long as nothing has to be waited
	 * for, nobody need know that it is under way.
	 */
	protected run(schedule: Schedule): number {
		for (;;) {
			const next = schedule.next();
			if (next.done === true) return next.value;
			if (!areDone(next.value)) return this.#runOn(schedule, next.value);
		}
	}

	#runOn(schedule: Schedule, pending: readonly Transfer[]): number {
		const running = new RunningSchedule(this.endpoint, schedule, { pending });
		const error = this.finish(running.operation);
		if (running.thrown !== undefined) throw running.thrown.error;
		return error;
	}

	/** The status of a request that is done, which ends with it. */
	#end(request: number, operation: Operation): number {
		this.#release(request);
		this.setStatus(operation);
		if (operation.running?.thrown !== undefined) throw operation.running.thrown.error;
		return operation.error;
	}

	#release(request: number): void {
		this.#requests[request] = undefined;
		this.#freeNumbers.push(request);
	}

	/** The next collective operation on a communicator. */
	protected begin(comm: number): Collective {
		return this.#begin(comm, 'nonblocking');
	}

	#begin(comm: number, how: 'blocking' | 'nonblocking'): Collective {
		const { endpoint } = this;
		const communicator = this.communicator(comm);
		const call = {
			channel: how === 'blocking' ? blockingChannelOf(endpoint, communicator, this.shortWay) : channelOf(endpoint, communicator),
			tag: communicator.operations,
			types: this.types,
			ops: this.ops,
		};
		communicator.operations = (communicator.operations + 1) & 0x7fff_ffff;
		return communicator.topology === undefined ? call : { ...call, neighborhood: communicator.topology.neighborhood };
	}
}

/** As MPI calls the operation that gives a request: `allreduce` is `Iallreduce`. */
function requestName(name: string): string {
	return `I${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
