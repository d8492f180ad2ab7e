/** All that the object `MPI` has. */
export * from './constants.ts';

export { Datatype, DATATYPE_NULL } from './api/datatype.ts';
export { Op, OP_NULL, type OpFunction, type Reducer } from './api/op.ts';
export * from './api/predefined.ts';
