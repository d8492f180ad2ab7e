/** `nprocs/mpi`: mpi4py's module `MPI`. */
export * as MPI from './mpi/module.ts';
