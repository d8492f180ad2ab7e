/**
 * What every communicator is, before it can do anything: a handle, a group of ranks, an error handler; and that there
 * is one object for each, so that `comm === MPI.COMM_WORLD` can be asked.
 *
 * The chain of classes has a concept each: CommBase → BufferMessages → ObjectMessages → BufferCollectives →
 * PersistentCollectives → ObjectCollectives → Comm → Intracomm → Topocomm → Cartcomm, Graphcomm, Distgraphcomm; Comm →
 * Intercomm. Which class a communicator has that some method makes is known to communicators.ts alone, since those
 * classes stand above that method's.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ANY_SOURCE, ANY_TAG, ERR_COMM, ERR_RANK, ERR_ROOT, ERR_TAG, PROC_NULL } from '../../constants.ts';
import type { CommDescription } from '../../engine/communicators.ts';
import { COMM_SELF_HANDLE, COMM_WORLD_HANDLE, NULL_HANDLE } from '../../handles.ts';
import { fail, type ErrorOwner } from '../arguments/check.ts';
import { ERRORS_RETURN, type Errhandler } from '../errors/errhandler.ts';
import type { Exception } from '../errors/exception.ts';
import { engine, whenLeft } from '../environment/lifecycle.ts';

export abstract class CommBase implements ErrorOwner {
	/** The engine's number; 0 of COMM_NULL, and once the communicator was freed. */
	handle: number;
	/** @internal How many ranks messages can go to: 0 until somebody has asked, and when the communicator is none. */
	peers = 0;
	/** @internal */
	errhandler: Errhandler = ERRORS_RETURN;
	/** @internal As Set_name() has given it. */
	ownName: string | undefined;
	#description: CommDescription | undefined;

	/** @internal Methods such as `Split` make communicators. */
	constructor(handle: number) {
		this.handle = handle;
		if (handle !== NULL_HANDLE) known.set(handle, this);
	}

	/** How many ranks there are; of an intercommunicator: in this rank's own group. */
	get size(): number {
		return this.describe().worldRanks.length;
	}

	/** The number of this process in it, from 0 on. */
	get rank(): number {
		return this.describe().rank;
	}

	Get_size(): number {
		return this.size;
	}

	Get_rank(): number {
		return this.rank;
	}

	/** At most 127 characters, for messages and debuggers. */
	get name(): string {
		return this.ownName ?? predefinedNames[this.handle] ?? '';
	}

	/** Whether it joins two groups: messages go to the other one's ranks. */
	get is_inter(): boolean {
		return this.describe().remoteWorldRanks !== undefined;
	}

	get is_intra(): boolean {
		return !this.is_inter;
	}

	/** @internal Does what the error handler says; comes back when the error is to be thrown. */
	onError(error: Exception): void {
		this.errhandler.handle(this, error);
	}

	/** @internal Its ranks, as the engine knows them. Throws where there is no communicator. */
	describe(): CommDescription {
		return this.#description ?? this.#learn();
	}

	/** @internal The engine's object is no more. */
	forget(): void {
		known.delete(this.handle);
		this.#description = undefined;
		this.peers = 0;
		this.handle = NULL_HANDLE;
	}

	/** @internal In a process that is no rank any more. */
	leave(): void {
		this.#description = undefined;
		this.peers = 0;
		if (this.handle > COMM_SELF_HANDLE || this.handle < 0) this.forget();
	}

	/** @internal Throws where there is no communicator. */
	living(): number {
		if (this.handle === NULL_HANDLE) fail(ERR_COMM, this.#whyNone(), this);
		return this.handle;
	}

	/** @internal Throws unless a message can go there. Not for the hot path: that compares with `peers` first. */
	checkDest(dest: number): void {
		if (this.peers === 0) this.#learn();
		if (isRankOf(dest, this.peers) || dest === PROC_NULL) return;
		this.#refuseRank('dest', dest);
	}

	/** @internal */
	checkSource(source: number): void {
		if (this.peers === 0) this.#learn();
		if (isRankOf(source, this.peers) || source === PROC_NULL || source === ANY_SOURCE) return;
		this.#refuseRank('source', source);
	}

	/** @internal The root of a collective operation among one group. */
	checkRoot(root: number): void {
		const { size } = this;
		if (isRankOf(root, size)) return;
		aNumber('root', root);
		fail(ERR_ROOT, `There is no rank ${root} that could be the root: ${this.#ranksText(size)}.`, this);
	}

	/** @internal */
	checkSendTag(tag: number): void {
		if (Number.isInteger(tag) && tag >= 0 && tag <= engine().tagUb) return;
		aNumber('tag', tag);
		const hint = tag === ANY_TAG ? ' MPI.ANY_TAG is for receives alone.' : '';
		fail(ERR_TAG, `Cannot send with the tag ${tag}: tags are whole numbers from 0 to ${engine().tagUb}.${hint}`, this);
	}

	/** @internal */
	checkReceiveTag(tag: number): void {
		if ((Number.isInteger(tag) && tag >= 0 && tag <= engine().tagUb) || tag === ANY_TAG) return;
		aNumber('tag', tag);
		fail(ERR_TAG, `Cannot receive with the tag ${tag}: tags are whole numbers from 0 to ${engine().tagUb}, or MPI.ANY_TAG.`, this);
	}

	#learn(): CommDescription {
		const description = engine().describeComm(this.living());
		this.#description = description;
		this.peers = (description.remoteWorldRanks ?? description.worldRanks).length;
		return description;
	}

	#refuseRank(name: string, rank: number): never {
		aNumber(name, rank);
		const others = name === 'dest' ? 'MPI.PROC_NULL' : 'MPI.ANY_SOURCE or MPI.PROC_NULL';
		return fail(ERR_RANK, `There is no rank ${rank} (\`${name}\`): ${this.#ranksText(this.peers)}. Besides these: ${others}.`, this);
	}

	#ranksText(count: number): string {
		const name = this.name === '' ? 'the communicator' : this.name;
		return count === 1 ? `${name} has one rank, 0` : `${name} has ${count} ranks, 0 to ${count - 1}`;
	}

	#whyNone(): string {
		return known.has(COMM_WORLD_HANDLE) && this.ownName === undefined
			? 'There is no communicator: this is MPI.COMM_NULL, or one that was freed. A rank that is not in a new communicator gets MPI.COMM_NULL.'
			: `The communicator ${this.ownName} was freed.`;
	}
}

/** The object of a communicator that the engine has; `make` is for one that has none yet. COMM_NULL for 0. */
export function canonical(handle: number, make: (handle: number) => CommBase): CommBase {
	return known.get(handle) ?? (handle === NULL_HANDLE ? makers.none() : make(handle));
}

/** The classes of communicators that methods of classes below them give: each adds itself where it is declared. */
export interface CommKinds {
	readonly base: CommBase;
}

/** What makes the objects of communicators whose classes stand above those who want them. */
export interface CommMakers {
	/** COMM_NULL. */
	none(): CommBase;
	intra(handle: number): CommBase;
	inter(handle: number): CommBase;
	cart(handle: number, dims: readonly number[], periods: readonly boolean[]): CommBase;
	graph(handle: number, index: readonly number[], edges: readonly number[]): CommBase;
	distGraph(handle: number): CommBase;
}

/** Filled by communicators.ts. */
export const makers: CommMakers = {} as CommMakers;

const known = new Map<number, CommBase>();
const predefinedNames: Readonly<Record<number, string>> = {
	[NULL_HANDLE]: 'MPI_COMM_NULL',
	[COMM_WORLD_HANDLE]: 'MPI_COMM_WORLD',
	[COMM_SELF_HANDLE]: 'MPI_COMM_SELF',
};

whenLeft(() => {
	for (const comm of [...known.values()]) comm.leave();
});

function isRankOf(rank: number, count: number): boolean {
	return Number.isInteger(rank) && rank >= 0 && rank < count;
}

function aNumber(name: string, value: unknown): void {
	if (!Number.isInteger(value)) throw new ArgumentError(`Expected \`${name}\` to be a whole number, got ${describe(value)}.`);
}
