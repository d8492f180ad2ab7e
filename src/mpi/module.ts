/** All that the object `MPI` has. */
export * from './constants.ts';
