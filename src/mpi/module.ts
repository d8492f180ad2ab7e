/** All that the object `MPI` has. */
export * from './constants.ts';

export { BOTTOM, IN_PLACE, type Bottom, type BufferData, type InPlace } from './api/buffer-data.ts';
export type { BufSpec, Counts, MaybeBufSpec, TypeSpec } from './api/buffer-spec.ts';
export type { BufSpecV, BufSpecW } from './api/vector-spec.ts';

export { Comm } from './api/comm.ts';
export { COMM_NULL, COMM_SELF, COMM_WORLD } from './api/communicators.ts';
export { Intracomm } from './api/intracomm.ts';
export { Intercomm } from './api/intercomm.ts';
export { Topocomm } from './api/neighbors.ts';
export { Cartcomm, Distgraphcomm, Graphcomm } from './api/topology.ts';
export { Compute_dims } from './api/dims.ts';
export { UNWEIGHTED, WEIGHTS_EMPTY, type Weights } from './api/graphs.ts';

export { Datatype, DATATYPE_NULL } from './api/datatype.ts';
export { Op, OP_NULL, type OpFunction, type Reducer } from './api/op.ts';
export * from './api/predefined.ts';
