/** Communicators that join two groups: messages go to the ranks of the other one. */
import { check } from './check.ts';
import { canonical, makers } from './comm-base.ts';
import { Comm } from './comm.ts';
import type { Intracomm } from './intracomm.ts';
import { engine } from './lifecycle.ts';

declare module './intracomm.ts' {
	interface CommKinds {
		readonly inter: Intercomm;
	}
}

export class Intercomm extends Comm {
	/** How many ranks the other group has. */
	Get_remote_size(): number {
		return this.describe().remoteWorldRanks!.length;
	}
	get remote_size(): number {
		return this.Get_remote_size();
	}

	/** One group of both: the ranks of the group that gives `high` true come behind those of the other one. */
	Merge(high: boolean | { readonly high?: boolean } = false): Intracomm {
		const isHigh = typeof high === 'object' ? high.high === true : high;
		check(engine().intercommMerge(this.living(), isHigh), this);
		return canonical(engine().out[0]!, (handle) => makers.intra(handle)) as Intracomm;
	}
}
