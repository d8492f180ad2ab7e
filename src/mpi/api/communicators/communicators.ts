/** Which class each communicator is of, and the predefined ones. */
import { COMM_SELF_HANDLE, COMM_WORLD_HANDLE, NULL_HANDLE } from '../../handles.ts';
import { canonical, makers } from './comm-base.ts';
import { Comm } from './comm.ts';
import { Intercomm } from './intercomm.ts';
import { Intracomm } from './intracomm.ts';
import { Cartcomm, Distgraphcomm, Graphcomm } from './topology.ts';

const none = new Intracomm(NULL_HANDLE);

Object.assign(makers, {
	none: () => none,
	intra: (handle) => new Intracomm(handle),
	inter: (handle) => new Intercomm(handle),
	cart: (handle, dims, periods) => new Cartcomm(handle, { dims, periods }),
	graph: (handle, index, edges) => new Graphcomm(handle, index, edges),
	distGraph: (handle) => new Distgraphcomm(handle),
} satisfies typeof makers);

/** It has what communicators of all classes have, to say that there is none. */
for (const { prototype } of [Cartcomm, Graphcomm, Distgraphcomm, Intercomm]) {
	for (let from = prototype as object; from !== Intracomm.prototype && from !== Comm.prototype; from = Object.getPrototypeOf(from) as object) {
		for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
			if (name in none) continue;
			const refuse = (): unknown => none.living();
			Object.defineProperty(none, name, 'value' in descriptor ? { value: refuse } : { get: refuse });
		}
	}
}

/** No communicator: what a rank gets that is not in one. */
export const COMM_NULL: Comm = none;
/** All ranks of the job. */
export const COMM_WORLD: Intracomm = canonical(COMM_WORLD_HANDLE, (handle) => makers.intra(handle)) as Intracomm;
/** This rank alone. */
export const COMM_SELF: Intracomm = canonical(COMM_SELF_HANDLE, (handle) => makers.intra(handle)) as Intracomm;
