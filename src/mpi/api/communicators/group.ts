/**
 * Ordered sets of ranks. They are made from those of communicators, and communicators from them; what is between is
 * arithmetic of this process alone, the same on every engine: a group is a list of ranks of COMM_WORLD. Processes of
 * other jobs (Spawn) have numbers behind those, which each process counts in its own order.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ARG, ERR_GROUP, ERR_RANK, IDENT, PROC_NULL, SIMILAR, UNDEFINED, UNEQUAL } from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import { engine } from '../environment/lifecycle.ts';
import { keywordsOr } from '../arguments/keywords.ts';
import { anInt, intList, listOf } from '../arguments/numbers.ts';
import { COMM_WORLD_HANDLE } from '../../handles.ts';

export class Group {
	/** 0: there is no group. */
	handle: number;
	#worldRanks: readonly number[] | undefined;

	/** @internal Communicators and groups make groups. */
	constructor(worldRanks?: readonly number[], handle?: number) {
		this.#worldRanks = worldRanks;
		this.handle = worldRanks === undefined ? 0 : (handle ?? nextHandle++);
	}

	/** @internal */
	get worldRanks(): readonly number[] {
		return this.#worldRanks ?? fail(ERR_GROUP, 'There is no group: it is MPI.GROUP_NULL, or was freed.');
	}

	/** How many ranks are in it. */
	get size(): number {
		return this.worldRanks.length;
	}

	/** The place of this process in it; MPI.UNDEFINED where it is not in it. */
	get rank(): number {
		return placeIn(this.worldRanks, ownWorldRank());
	}

	Get_size(): number {
		return this.size;
	}

	Get_rank(): number {
		return this.rank;
	}

	Dup(): Group {
		return made(this.worldRanks);
	}

	/** The ranks of a session's process set: as the session's `Create_group()`. */
	static Create_from_session_pset(session: { Create_group(pset_name: string): Group }, pset_name: string): Group {
		if (typeof session?.Create_group !== 'function')
			throw new ArgumentError(`Expected \`session\` to be an MPI.Session, got ${describe(session)}. MPI.Session.Init() makes one.`);
		return session.Create_group(pset_name);
	}

	/** Its ranks and, behind them, those of the other one that are not in it. */
	static Union(group1: Group, group2: Group): Group {
		const [first, second] = [ranksOf(group1), ranksOf(group2)];
		return made([...first, ...second.filter((rank) => !first.includes(rank))]);
	}

	/** The ranks that are in both, in the order of the first. */
	static Intersection(group1: Group, group2: Group): Group {
		const [first, second] = [ranksOf(group1), ranksOf(group2)];
		return made(first.filter((rank) => second.includes(rank)));
	}

	static Intersect(group1: Group, group2: Group): Group {
		return Group.Intersection(group1, group2);
	}

	/** The ranks of the first that are not in the second. */
	static Difference(group1: Group, group2: Group): Group {
		const [first, second] = [ranksOf(group1), ranksOf(group2)];
		return made(first.filter((rank) => !second.includes(rank)));
	}

	/** MPI.IDENT: the same ranks in the same order. MPI.SIMILAR: in another order. Else MPI.UNEQUAL. */
	static Compare(group1: Group, group2: Group): number {
		return compareRanks(ranksOf(group1), ranksOf(group2));
	}

	Union(group: Group): Group {
		return Group.Union(this, group);
	}

	Intersection(group: Group): Group {
		return Group.Intersection(this, group);
	}

	Difference(group: Group): Group {
		return Group.Difference(this, group);
	}

	Compare(group: Group): number {
		return Group.Compare(this, group);
	}

	/**
	 * Which ranks of the other group those of this one are; MPI.UNDEFINED for who is not in it.
	 *
	 * @param ranks - default: all
	 * @param group - default: that of COMM_WORLD
	 */
	Translate_ranks(ranks?: ArrayLike<number> | TranslateOptions | null, group?: Group | null): number[] {
		const own = this.worldRanks;
		const given = keywordsOr<TranslateOptions>({
			owner: 'Translate_ranks()',
			first: ranks,
			positional: { ranks: ranks as ArrayLike<number> | null, group: group ?? null },
			defaults: { ranks: null, group: null },
		});
		const other = given.group === null ? undefined : ranksOf(given.group);
		const asked = given.ranks === undefined || given.ranks === null ? own.map((_, rank) => rank) : intList(given.ranks, { name: 'ranks' });
		return asked.map((rank) => {
			if (rank === PROC_NULL) return PROC_NULL;
			const worldRank = own[rank] ?? this.#refuse(rank);
			return other === undefined ? worldRank : placeIn(other, worldRank);
		});
	}

	/** mpi4py's other form. */
	static Translate_ranks(group1: Group, ranks?: ArrayLike<number> | null, group2?: Group | null): number[] {
		ranksOf(group1);
		return group1.Translate_ranks(ranks, group2);
	}

	/** These ranks of it, in this order. */
	Incl(ranks: ArrayLike<number>): Group {
		return made(this.#chosen(intList(ranks, { name: 'ranks' })).map((rank) => this.worldRanks[rank]!));
	}

	/** All but these ranks. */
	Excl(ranks: ArrayLike<number>): Group {
		const excluded = new Set(this.#chosen(intList(ranks, { name: 'ranks' })));
		return made(this.worldRanks.filter((_, rank) => !excluded.has(rank)));
	}

	/** The ranks from `first` to `last`, every `stride`th, of each triple [first, last, stride]. */
	Range_incl(ranges: readonly Range[]): Group {
		return this.Incl(this.#ranks(ranges));
	}

	Range_excl(ranges: readonly Range[]): Group {
		return this.Excl(this.#ranks(ranges));
	}

	/** As `Free()`, without an error for one that is null or freed. */
	free(): void {
		if (this.#worldRanks !== undefined) this.Free();
	}

	/** It is MPI.GROUP_NULL from now on. The predefined MPI.GROUP_EMPTY stays what it is. */
	Free(): void {
		void this.worldRanks;
		if (this === GROUP_EMPTY) return;
		this.#worldRanks = undefined;
		this.handle = 0;
	}

	/** Ranks of it, each once. */
	#chosen(ranks: readonly number[]): readonly number[] {
		ranks.forEach((rank, i) => {
			if (rank < 0 || rank >= this.size) this.#refuse(rank);
			if (ranks.indexOf(rank) !== i) fail(ERR_RANK, `The rank ${rank} stands twice in \`ranks\`: each can be in a group once.`);
		});
		return ranks;
	}

	#ranks(ranges: readonly Range[]): number[] {
		return listOf(ranges, 'ranges').flatMap((range) => {
			const [first, last, stride = 1] = listOf(range, 'ranges').map((number) => anInt(number, { name: 'ranges' })) as [number, number, number?];
			if (stride === 0) fail(ERR_ARG, 'A stride in `ranges` is 0: it must lead from the first rank to the last.');
			const count = Math.max(0, Math.floor((last - first) / stride) + 1);
			return Array.from({ length: count }, (_, i) => first + i * stride);
		});
	}

	#refuse(rank: number): never {
		return fail(ERR_RANK, `There is no rank ${rank} in the group: it has ${this.size} ranks, from 0 on.`);
	}
}

/** mpi4py's keyword arguments. */
export interface TranslateOptions {
	/** @default all of the group's */
	readonly ranks?: ArrayLike<number> | null;
	/** @default that of COMM_WORLD */
	readonly group?: Group | null;
}

export type Range = readonly [first: number, last: number, stride?: number];

let nextHandle = 2;

export const GROUP_NULL: Group = new Group();
export const GROUP_EMPTY: Group = new Group([], 1);

/** As Group.Compare, of ranks of COMM_WORLD. */
export function compareRanks(first: readonly number[], second: readonly number[]): number {
	if (first.length !== second.length) return UNEQUAL;
	if (first.every((rank, i) => rank === second[i])) return IDENT;
	const others = new Set(second);
	return first.every((rank) => others.has(rank)) ? SIMILAR : UNEQUAL;
}

/** The ranks of COMM_WORLD in it. */
export function ranksOf(group: unknown): readonly number[] {
	if (!(group instanceof Group)) throw new ArgumentError(`Expected an MPI.Group, got ${describe(group)}.`);
	return group.worldRanks;
}

function made(worldRanks: readonly number[]): Group {
	return worldRanks.length === 0 ? GROUP_EMPTY : new Group(worldRanks);
}

function placeIn(ranks: readonly number[], worldRank: number): number {
	const place = ranks.indexOf(worldRank);
	return place < 0 ? UNDEFINED : place;
}

function ownWorldRank(): number {
	return engine().describeComm(COMM_WORLD_HANDLE).rank;
}
