/**
 * Operations of this rank that other ranks speak of, by number: sends that wait for a word of their receiver, and
 * receives that wait for a block.
 */
import { operationKind, type Operation } from './operation.ts';

export class NumberedOperations {
	readonly #operations = new Map<number, Operation>();
	/** Of their messages. */
	readonly #lengths = new Map<Operation, number>();
	#last = 0;

	give(operation: Operation, length: number): void {
		this.#last = (this.#last + 1) & 0x7fff_ffff;
		operation.number = this.#last;
		this.#operations.set(operation.number, operation);
		this.#lengths.set(operation, length);
	}

	find(number: number): Operation | undefined {
		return this.#operations.get(number);
	}

	lengthOf(operation: Operation): number {
		return this.#lengths.get(operation)!;
	}

	take(operation: Operation): void {
		this.#operations.delete(operation.number);
		this.#lengths.delete(operation);
		operation.number = 0;
	}

	/** Those that only this rank could bring to their end. */
	of(rank: number): Operation[] {
		return [...this.#operations.values()].filter(({ peer }) => peer === rank);
	}

	get hasSends(): boolean {
		return [...this.#operations.values()].some(({ kind }) => kind === operationKind.send);
	}
}
