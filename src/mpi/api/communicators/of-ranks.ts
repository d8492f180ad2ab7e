/** What windows and files have in common: they belong to the ranks of a communicator, also when that is freed. */
import { UNDEFINED } from '../../constants.ts';
import { NULL_HANDLE } from '../../handles.ts';
import type { ErrorOwner } from '../arguments/check.ts';
import { entriesOf, type Info } from '../environment/info.ts';
import type { Exception } from '../errors/exception.ts';
import { Group } from './group.ts';
import type { Intracomm } from './intracomm.ts';

interface Origin {
	readonly handle: number;
	readonly comm: Intracomm;
	readonly info: Info;
}

export abstract class OfRanks implements ErrorOwner {
	/** The seam's number of it; 0 when it is none, or has ended. */
	handle: number;
	/** @internal World ranks. */
	readonly ranks: readonly number[];
	readonly #groupRank: number;
	readonly #info: Info | undefined;

	constructor(origin?: Origin) {
		this.handle = origin?.handle ?? NULL_HANDLE;
		const { worldRanks, rank } = origin?.comm.describe() ?? { worldRanks: [], rank: UNDEFINED };
		this.ranks = worldRanks;
		this.#groupRank = rank;
		this.#info = origin?.info;
	}

	/** @internal The handle. Throws when there is none. */
	abstract living(): number;
	/** @internal */
	abstract onError(error: Exception): void;

	Get_group(): Group {
		this.living();
		return new Group(this.ranks);
	}
	get group(): Group {
		return this.Get_group();
	}
	get group_size(): number {
		this.living();
		return this.ranks.length;
	}
	get group_rank(): number {
		this.living();
		return this.#groupRank;
	}

	/** A copy of the hints. */
	Get_info(): Info {
		this.living();
		return this.#info!.Dup();
	}
	Set_info(info: Info): void {
		this.living();
		this.#info!.update(entriesOf(info));
	}
	get info(): Info {
		return this.Get_info();
	}
	set info(info: Info) {
		this.Set_info(info);
	}
}
