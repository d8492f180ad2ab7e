/** Communicators that join two groups: messages go to the ranks of the other one. */
import { check } from '../arguments/check.ts';
import { keywordOr } from '../arguments/keywords.ts';
import { canonical, makers } from './comm-base.ts';
import { Comm, type SplitOptions, type SplitTypeOptions } from './comm.ts';
import { commBetweenGroups, fromGroupArguments, type FromGroupOptions } from './from-groups.ts';
import { Group } from './group.ts';
import type { Info } from '../environment/info.ts';
import type { Errhandler } from '../errors/errhandler.ts';
import type { Intracomm } from './intracomm.ts';
import { engine } from '../environment/lifecycle.ts';

declare module './comm-base.ts' {
	interface CommKinds {
		readonly inter: Intercomm;
	}
}

export class Intercomm extends Comm {
	/**
	 * Between two groups, whose ranks alone make the call. Leaders are ranks of their groups; `stringtag` tells it from
	 * others that are made at the same time.
	 */
	static Create_from_groups(
		local_group: Group,
		local_leader: number,
		remote_group: Group,
		remote_leader: number,
		stringtag: string | FromGroupOptions = 'org.mpi4py',
		info: Info | null = null,
		errhandler: Errhandler | null = null,
	): Intercomm {
		const given = fromGroupArguments('Create_from_groups()', stringtag, info, errhandler);
		const groups = { localGroup: local_group, localLeader: local_leader, remoteGroup: remote_group, remoteLeader: remote_leader };
		const comm = canonical(commBetweenGroups(groups, given.tag), (handle) => makers.inter(handle)) as Intercomm;
		if (given.errhandler !== undefined) comm.Set_errhandler(given.errhandler);
		return comm;
	}

	/** How many ranks the other group has. */
	Get_remote_size(): number {
		return this.describe().remoteWorldRanks!.length;
	}
	get remote_size(): number {
		return this.Get_remote_size();
	}

	Get_remote_group(): Group {
		return new Group(this.describe().remoteWorldRanks!);
	}
	get remote_group(): Group {
		return this.Get_remote_group();
	}

	override Split(color?: number | SplitOptions, key?: number): Intercomm {
		return super.Split(color, key) as Intercomm;
	}
	override Split_type(split_type: number, key?: number | SplitTypeOptions, info?: Info | null): Intercomm {
		return super.Split_type(split_type, key, info) as Intercomm;
	}
	override Create(group: Group): Intercomm {
		return super.Create(group) as Intercomm;
	}

	/** One group of both: the ranks of the group that gives `high` true come behind those of the other one. */
	Merge(high: boolean | { readonly high?: boolean } = false): Intracomm {
		const isHigh = Boolean(keywordOr('Merge()', 'high', { given: high, byDefault: false }));
		check(engine().intercommMerge(this.living(), isHigh), this);
		return canonical(engine().out[0]!, (handle) => makers.intra(handle)) as Intracomm;
	}
}
