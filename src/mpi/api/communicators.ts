/** Which class each communicator is of, and the predefined ones. */
import { COMM_SELF_HANDLE, COMM_WORLD_HANDLE, NULL_HANDLE } from '../handles.ts';
import { canonical, makers } from './comm-base.ts';
import type { Comm } from './comm.ts';
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

/** No communicator: what a rank gets that is not in one. */
export const COMM_NULL: Comm = none;
/** All ranks of the job. */
export const COMM_WORLD: Intracomm = canonical(COMM_WORLD_HANDLE, (handle) => makers.intra(handle)) as Intracomm;
/** This rank alone. */
export const COMM_SELF: Intracomm = canonical(COMM_SELF_HANDLE, (handle) => makers.intra(handle)) as Intracomm;
