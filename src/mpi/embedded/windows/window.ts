/**
 * A window of a member: parts of memory that the members of a communicator may access.
 *
 * What the engine has allocated is mapped by all, so an access is a copy, done when the call returns; accumulating
 * operations are atomic under the target's guard (window-control.ts). Memory that the program brought along is its
 * owner's alone: its owner carries out what others ask for by messages (window-messages.ts), when it makes progress in
 * a call of MPI; such accesses are complete after a flush, an unlock, a fence or a complete, as MPI has it.
 */
import { SUCCESS } from '../../constants.ts';
import type { Channel } from '../schedules/schedule.ts';
import type { Endpoint } from '../messages/endpoint.ts';
import type { Operation } from '../messages/operation.ts';
import { RunningSchedule } from '../messages/running-schedule.ts';
import { accessKind, perform, type Access } from './window-access.ts';
import type { WindowControl } from './window-control.ts';
import { requestAccess, requestEnd, serveAccesses } from './window-messages.ts';

export interface WindowParts {
	/** Of the window's own duplicate of the communicator. */
	readonly comm: number;
	readonly control: WindowControl;
	/** Bytes of a unit of displacement, by member. */
	readonly units: readonly number[];
	/** A member's memory; undefined: only it has it. */
	readonly memoryOf: (member: number) => Uint8Array | undefined;
	/** By which accesses to others' memory go. */
	readonly channel: Channel;
	readonly endpoint: Endpoint;
	/** Gives up what it is made of. */
	readonly close: () => void;
}

export class Window {
	readonly comm: number;
	readonly control: WindowControl;
	readonly units: readonly number[];
	readonly memoryOf: (member: number) => Uint8Array | undefined;
	readonly close: () => void;
	readonly #channel: Channel;
	readonly #endpoint: Endpoint;
	/** By target: accesses that are not known to be complete. */
	readonly #pending = new Map<number, Operation[]>();
	readonly #servers: RunningSchedule[] = [];
	#requests = 0;

	constructor({ comm, control, units, memoryOf, channel, endpoint, close }: WindowParts) {
		this.comm = comm;
		this.control = control;
		this.units = units;
		this.memoryOf = memoryOf;
		this.close = close;
		this.#channel = channel;
		this.#endpoint = endpoint;
	}

	get rank(): number {
		return this.#channel.rank;
	}

	get size(): number {
		return this.#channel.size;
	}

	/** Lets the others access memory that only this process has. */
	serve(memory: Uint8Array): void {
		for (let source = 0; source < this.size; source++) {
			if (source !== this.rank) this.#servers.push(new RunningSchedule(this.#endpoint, serveAccesses(this.#channel, source, memory)));
		}
	}

	/**
	 * Begins an access; done at once where the memory is mapped. What was read is passed to `end`, if the access
	 * succeeds.
	 */
	access(target: number, access: Access, result: Uint8Array, end?: () => void): Operation | number {
		const memory = this.memoryOf(target);
		if (memory !== undefined) {
			const isAtomic = access.kind === accessKind.accumulate || access.kind === accessKind.swap;
			const error = isAtomic ? this.control.atomically(target, () => perform(memory, access, result)) : perform(memory, access, result);
			if (error === SUCCESS) end?.();
			return error;
		}
		const answerTag = (this.#requests = (this.#requests % 0x3fff_ffff) + 1);
		const channel = this.#channel;
		const schedule = (function* ask(): ReturnType<typeof requestAccess> {
			const error = yield* requestAccess(channel, target, { access, result, answerTag });
			if (error === SUCCESS) end?.();
			return error;
		})();
		const { operation } = new RunningSchedule(this.#endpoint, schedule, { name: `access to rank ${target}'s part of a window` });
		if (!operation.done) this.#pending.set(target, [...(this.#pending.get(target) ?? []).filter(({ done }) => !done), operation]);
		return operation.done ? operation.error : operation;
	}

	/** Accesses to this target that may not be complete; to all: undefined. They are forgotten. */
	takePending(target?: number): Operation[] {
		const targets = target === undefined ? [...this.#pending.keys()] : [target];
		const pending = targets.flatMap((each) => this.#pending.get(each) ?? []);
		for (const each of targets) this.#pending.delete(each);
		return pending;
	}

	/** After the others' last access: their servers for this member end, and its own when they do the same. */
	stop(): Operation[] {
		if (this.#servers.length === 0) return [];
		const ends: Operation[] = [];
		for (let target = 0; target < this.size; target++) {
			if (target !== this.rank)
				ends.push(new RunningSchedule(this.#endpoint, requestEnd(this.#channel, target), { name: 'end of a window' }).operation);
		}
		return [...ends, ...this.#servers.map(({ operation }) => operation)];
	}
}
