/**
 * The ranks that serve executors, as the root sees them: who works on what, and what waits.
 *
 * A worker has one unit running and one waiting, so that there is no round trip between two. The root holds one awaited
 * receive, and only while something is under way: an idle crew does not keep the program alive. A cancelled unit that
 * nobody has got is dropped; else its worker is told.
 *
 * On the embedded engine the launcher tells when a worker has died. What it ran is lost, what waited behind goes to
 * others, and the rest goes on with fewer workers. On a real MPI the launcher ends the job.
 *
 * A unit whose time is limited is said to have begun by its worker: what waits behind another one, or for its function
 * to be imported, does not use up its time.
 */
import { howItEnded } from '../../base/exit-status.ts';
import type { Deadline } from '../../base/deadline.ts';
import { clearTimeout, longestTimerMs, nowMs, setTimeout } from '../../base/clock.ts';
import { PoolBrokenError, TimeoutError, WorkerDiedError } from '../../base/errors.ts';
import { decode } from '../../codec/decode.ts';
import { sleepSync } from '../../native/descriptor.ts';
import { kill } from '../../process/start/kill.ts';
import { ANY_SOURCE, ERR_PROC_FAILED } from '../constants.ts';
import { engine } from '../api/environment/lifecycle.ts';
import type { Intracomm } from '../api/communicators/intracomm.ts';
import { Exception } from '../api/errors/exception.ts';
import type { Request } from '../api/requests/request.ts';
import { Status } from '../api/requests/status.ts';
import { Job, rankState } from '../embedded/job/job.ts';
import { jobPlace } from '../job-place.ts';
import { orderTag, replyTag, type Order, type Reply } from './messages.ts';
import type { Client, Unit } from './unit.ts';

interface Worker {
	readonly rank: number;
	/** In COMM_WORLD. */
	readonly worldRank: number;
	/** What it has, the first of which runs. */
	readonly units: Unit[];
	/** What it has been told. */
	readonly functions: Set<number>;
	readonly clients: Set<Client>;
	/** Of units that must run here. */
	readonly keys: Set<string | number>;
}

const unitsAhead = 2;

export class Crew {
	readonly #comm: Intracomm;
	#workers: Worker[];
	readonly #waiting: Unit[] = [];
	#receiving: Request<Reply> | undefined;
	#isWatching = false;
	/** Has it looked again whether something is under way. */
	#watchAgain = (): void => {};
	#isStopped = false;
	/** Of the embedded engine. */
	readonly #job: Job | undefined;
	#lastDeath: Error | undefined;
	#timer: NodeJS.Timeout | undefined;

	/** `comm` is nobody else's; this is its root. */
	constructor(comm: Intracomm, root: number) {
		this.#comm = comm;
		const place = jobPlace();
		this.#job = place === undefined ? undefined : Job.join(place);
		const { worldRanks } = engine().describeComm(comm.handle);
		const ranks = Array.from({ length: comm.size }, (_, rank) => rank).filter((rank) => rank !== root);
		this.#workers = ranks.map((rank) => ({
			rank,
			worldRank: worldRanks[rank]!,
			units: [],
			functions: new Set(),
			clients: new Set(),
			keys: new Set(),
		}));
	}

	/** How many live. */
	get size(): number {
		return this.#workers.length;
	}

	add(unit: Unit): void {
		const last = this.#waiting.findLastIndex(({ priority }) => priority >= unit.priority);
		this.#waiting.splice(last + 1, 0, unit);
		this.#handOut();
	}

	/** What had been handed out before goes first among its like. */
	#putBack(units: readonly Unit[]): void {
		for (const unit of units.toReversed()) {
			const first = this.#waiting.findIndex(({ priority }) => priority <= unit.priority);
			this.#waiting.splice(first < 0 ? this.#waiting.length : first, 0, unit);
		}
	}

	/** Whether a worker has it. (A second one, behind the one that runs, may not have begun.) */
	isRunning(unit: Unit): boolean {
		return this.#workers.some(({ units }) => units[0] === unit);
	}

	/** Nobody wants it any more. It has been settled. */
	cancel(unit: Unit): void {
		const at = this.#waiting.indexOf(unit);
		if (at >= 0) this.#waiting.splice(at, 1);
		const worker = this.#workers.find(({ units }) => units.includes(unit));
		if (worker !== undefined) this.#send(worker, { kind: 'cancel', id: unit.id });
	}

	/** Blocks this thread, taking in what comes. */
	pumpSync(isSettled: () => boolean, deadline: Deadline): boolean {
		while (!isSettled()) {
			const request = this.#receiving;
			const reply = request === undefined ? undefined : this.#testReply(request);
			if (reply !== undefined) this.#take(request!, reply);
			else {
				if (deadline.remaining() === 0) return false;
				this.#lookForDead();
				this.#lookAtTimes();
				sleepSync(pauseMs);
			}
		}
		return true;
	}

	#testReply(request: Request<Reply>): Reply | undefined {
		try {
			return request.test()[1];
		} catch (error) {
			this.#receiveAgain(request, error);
			return undefined;
		}
	}

	/** The workers end when they have done what they have. */
	stop(): void {
		if (this.#isStopped) return;
		this.#isStopped = true;
		for (const worker of this.#workers) this.#send(worker, { kind: 'stop' });
	}

	#handOut(): void {
		if (this.#workers.length === 0) this.#failAll();
		for (const unit of [...this.#waiting]) {
			const worker = this.#freeWorkerFor(unit);
			if (worker === undefined) continue;
			this.#waiting.splice(this.#waiting.indexOf(unit), 1);
			this.#give(worker, unit);
		}
		if (this.#isBusy) return this.#receive();
		this.#stopReceiving();
		this.#watchAgain();
	}

	/** Nothing will come, and a receive would keep the program alive. */
	#stopReceiving(): void {
		this.#receiving?.Cancel();
		this.#receiving = undefined;
	}

	/** The one that has least to do; of a unit with a key, the one that has that key. */
	#freeWorkerFor({ client, options: { affinity } }: Unit): Worker | undefined {
		const own = this.#workers.slice(0, client.maxWorkers);
		const bound = affinity === undefined ? undefined : own.find(({ keys }) => keys.has(affinity));
		const [least] = (bound === undefined ? own : [bound])
			.filter(({ units }) => units.length < unitsAhead)
			.sort((a, b) => a.units.length - b.units.length);
		if (affinity !== undefined) least?.keys.add(affinity);
		return least;
	}

	#give(worker: Worker, unit: Unit): void {
		const { client } = unit;
		const { fn, calls, index } = unit.options;
		const isFirst = !worker.clients.has(client);
		const order: Order = {
			kind: 'task',
			id: unit.id,
			executor: client.number,
			...(isFirst &&
				client.initializer !== undefined && { initializer: { definition: client.initializer.fn.definition, args: client.initializer.args } }),
			fn: fn.id,
			name: fn.name,
			...(!worker.functions.has(fn.id) && { definition: fn.definition }),
			calls,
			index,
			attempt: unit.attempt,
			isTimed: unit.timeout !== undefined,
		};
		try {
			this.#send(worker, order);
		} catch (error) {
			return unit.settle({ error }); // an argument that cannot be sent
		}
		worker.units.push(unit);
		worker.functions.add(fn.id);
		worker.clients.add(client);
	}

	#send(worker: Worker, order: Order): void {
		const request = this.#comm.isend(order, worker.rank, orderTag);
		request.then(undefined, () => {}); // to one that has died meanwhile
	}

	get #isBusy(): boolean {
		return this.#workers.some(({ units }) => units.length > 0);
	}

	#receive(): void {
		this.#watchDeaths();
		if (this.#receiving !== undefined) return;
		const request = this.#comm.irecv<Reply>(ANY_SOURCE, replyTag);
		this.#receiving = request;
		request.then(
			(reply) => this.#take(request, reply),
			(error: unknown) => this.#receiveAgain(request, error),
		);
	}

	/** What came is of a worker that died before it had sent all of it, or is unreadable: what it ran has failed. */
	#receiveAgain(request: Request<Reply>, error: unknown): void {
		if (this.#receiving !== request) return;
		this.#receiving = undefined;
		const isOfDead = error instanceof Exception && error.error_class === ERR_PROC_FAILED;
		if (!isOfDead) this.#workerBehind(request)?.units.shift()?.settle({ error });
		this.#handOut();
	}

	#workerBehind(request: Request<Reply>): Worker | undefined {
		const status = new Status();
		request.Get_status(status);
		return this.#workers.find(({ rank }) => rank === status.source);
	}

	#take(request: Request<Reply>, reply: Reply): void {
		if (this.#receiving !== request) return; // taken by a blocked call already
		this.#receiving = undefined;
		const worker = this.#workers.find(({ units }) => units.some(({ id }) => id === reply.id));
		const unit = worker?.units.find(({ id }) => id === reply.id);
		if (unit !== undefined) this.#apply(worker!, unit, reply);
		this.#handOut();
	}

	#apply(worker: Worker, unit: Unit, reply: Reply): void {
		if (reply.kind === 'progress') {
			if (!unit.isSettled) unit.options.onProgress?.(reply.value, unit.options.index + reply.item);
			return;
		}
		if (reply.kind === 'begun') {
			unit.deadlineMs = nowMs() + unit.timeout!;
			return this.#lookAtTimes();
		}
		worker.units.splice(worker.units.indexOf(unit), 1);
		if (reply.kind === 'done') return unit.settle(reply.outcomes);
		const cause = decode(reply.thrown);
		const error = new PoolBrokenError(`The initializer of an MPIPoolExecutor has failed on rank ${worker.worldRank}: ${String(cause)}`, {
			cause,
		});
		unit.settle({ error });
		unit.client.breakDown(error);
	}

	/** While something is under way, the death of a worker is noticed. */
	#watchDeaths(): void {
		if (this.#job === undefined || this.#isWatching) return;
		this.#isWatching = true;
		this.#watchAgain = engine().poll(() => {
			this.#lookForDead();
			this.#isWatching = this.#isBusy;
			return !this.#isWatching;
		});
	}

	#lookForDead(): void {
		const job = this.#job;
		const dead = job === undefined ? [] : this.#workers.filter(({ worldRank }) => job.stateOf(worldRank) === rankState.ended);
		if (dead.length === 0) return;
		this.#workers = this.#workers.filter((worker) => !dead.includes(worker));
		for (const worker of dead) {
			const [running, ...behind] = worker.units;
			this.#lastDeath = diedError(worker.worldRank, job!.exitCodeOf(worker.worldRank), running);
			if (running?.goesOn() === true) behind.unshift(running);
			else running?.settle({ error: this.#lastDeath });
			this.#putBack(behind);
		}
		this.#handOut();
	}

	/** A unit whose time is over has failed. If it does not end soon after, its worker is, where others can go on. */
	#lookAtTimes(): void {
		let nextMs = Infinity;
		for (const { units, worldRank } of this.#workers) {
			const [unit] = units;
			if (unit?.deadlineMs === undefined) continue;
			if (unit.deadlineMs <= nowMs()) this.#endTime(unit, worldRank);
			nextMs = Math.min(nextMs, unit.deadlineMs - nowMs());
		}
		clearTimeout(this.#timer);
		if (nextMs < Infinity) this.#timer = setTimeout(() => this.#lookAtTimes(), Math.min(nextMs, longestTimerMs)).unref();
	}

	#endTime(unit: Unit, worldRank: number): void {
		if (unit.isSettled) {
			const pid = this.#job?.pidOf(worldRank);
			if (pid !== undefined) kill(pid);
		} else {
			unit.settle({ error: new TimeoutError(`${unit.text} has used up the ${unit.timeout} ms that its \`timeout\` gave it.`) });
			this.cancel(unit);
		}
		unit.deadlineMs = nowMs() + killAfterMs;
	}

	#failAll(): void {
		const error = new PoolBrokenError('No worker of this MPIPoolExecutor is left: all have died.', { cause: this.#lastDeath });
		for (const unit of this.#waiting.splice(0)) unit.settle({ error });
	}
}

const pauseMs = 1;
const killAfterMs = 1000;

function diedError(rank: number, exitCode: number, unit: Unit | undefined): WorkerDiedError {
	const task = unit?.text;
	const what = task === undefined ? '' : ` while it ran ${task}`;
	return new WorkerDiedError(`The worker on rank ${rank} ${howItEnded(exitCode)}${what}. Other tasks are not concerned.`, {
		pid: -1,
		exitCode,
		task,
	});
}
