/**
 * What a rank waits for, and who could bring it about: for the wait (waits.ts), and for the report when nobody can.
 */
import { ANY_SOURCE, ANY_TAG } from '../../constants.ts';
import { operationKind, type Members, type Operation } from '../messages/operation.ts';

export interface Goal {
	/** Asking may go on with it, or end its request: once it was true, nobody asks again. */
	readonly done: boolean;
	/** Ranks of COMM_WORLD: each set must be met by one of its ranks. */
	requirements(): readonly (readonly number[])[];
	/** What the call was about: `source=2, tag=5`. */
	details(): string;
}

/** One operation. */
export class OperationGoal implements Goal {
	operation: Operation;

	constructor(operation: Operation) {
		this.operation = operation;
	}

	get done(): boolean {
		return this.operation.done;
	}

	requirements(): readonly (readonly number[])[] {
		return requirementsOf(this.operation);
	}

	details(): string {
		return detailsOf(this.operation);
	}
}

/** Any one of several. */
export class AnyGoal implements Goal {
	readonly #operations: readonly Operation[];

	constructor(operations: readonly Operation[]) {
		this.#operations = operations;
	}

	get done(): boolean {
		return this.#operations.some(({ done }) => done);
	}

	requirements(): readonly (readonly number[])[] {
		return [this.#operations.flatMap(requirementsOf).flat()];
	}

	details(): string {
		return this.#operations.map((operation) => textOf(wantedFor(operation))).join(' or ');
	}
}

/** All of several. */
export class AllGoal implements Goal {
	readonly #operations: readonly Operation[];

	constructor(operations: readonly Operation[]) {
		this.#operations = operations;
	}

	get done(): boolean {
		return this.#operations.every(({ done }) => done);
	}

	requirements(): readonly (readonly number[])[] {
		return this.#operations.flatMap(requirementsOf);
	}

	details(): string {
		return this.#operations
			.filter(({ done }) => !done)
			.map((operation) => textOf(wantedFor(operation)))
			.join(', ');
	}
}

/** Something that only the caller can judge: any other rank may bring it about. */
export class PredicateGoal implements Goal {
	readonly #isDone: () => boolean;
	readonly #ranks: readonly number[];
	readonly #details: string;

	constructor(isDone: () => boolean, ranks: readonly number[], details = '') {
		this.#isDone = isDone;
		this.#ranks = ranks;
		this.#details = details;
	}

	get done(): boolean {
		return this.#isDone();
	}

	requirements(): readonly (readonly number[])[] {
		return [this.#ranks];
	}

	details(): string {
		return this.#details;
	}
}

/** What somebody waits for, for reports: who can bring it about, and what it is. */
export interface Wanted {
	/** Ranks of COMM_WORLD. */
	readonly ranks: readonly number[];
	readonly name: string;
	readonly details: string;
}

export function wantedFor(operation: Operation): Wanted {
	return { ranks: requirementsOf(operation).flat(), name: nameOf(operation), details: detailsOf(operation) };
}

/** Something that only the caller can judge, brought about by any of these; by any other rank when there are none. */
export class WantedGoal implements Goal {
	readonly #isDone: () => boolean;
	readonly #wanted: () => readonly Wanted[];
	readonly #others: readonly number[];

	constructor(isDone: () => boolean, wanted: () => readonly Wanted[], others: readonly number[]) {
		this.#isDone = isDone;
		this.#wanted = wanted;
		this.#others = others;
	}

	get done(): boolean {
		return this.#isDone();
	}

	requirements(): readonly (readonly number[])[] {
		const wanted = this.#wanted();
		return [wanted.length === 0 ? this.#others : wanted.flatMap(({ ranks }) => ranks)];
	}

	details(): string {
		const wanted = this.#wanted();
		return wanted.length === 1 ? wanted[0]!.details : wanted.map(textOf).join(' or ');
	}
}

/** `recv(source=2, tag=5)`; what is no call is said in words. */
export function textOf({ name, details }: Wanted): string {
	return name.includes(' ') ? name : `${name}(${details})`;
}

function requirementsOf(operation: Operation): readonly (readonly number[])[] {
	if (operation.done) return [];
	if (operation.kind === operationKind.collective) return operation.running!.awaited.flatMap(requirementsOf);
	if (operation.place !== undefined) return operation.place.missing()?.map((rank) => [rank]) ?? [operation.place.others];
	if (operation.peer !== ANY_SOURCE) return [[operation.peer]];
	return [operation.communicator?.others ?? []];
}

/** `source=2, tag=5`, in ranks of its communicator. */
function detailsOf(operation: Operation): string {
	const { kind, communicator, peer, tag } = operation;
	if (kind === operationKind.collective) return '';
	return `${kind === operationKind.send ? 'dest' : 'source'}=${rankText(communicator, peer)}, tag=${tagText(tag)}`;
}

export function tagText(tag: number): string {
	return tag === ANY_TAG ? 'ANY_TAG' : String(tag);
}

export function rankText(communicator: Members | undefined, worldRank: number): string {
	if (worldRank === ANY_SOURCE) return 'ANY_SOURCE';
	return String(communicator?.rankOf(worldRank) ?? worldRank);
}

function nameOf({ kind, running }: Operation): string {
	return kind === operationKind.send ? 'send' : kind === operationKind.receive ? 'recv' : (running?.name ?? 'barrier');
}
