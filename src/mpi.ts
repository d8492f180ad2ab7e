/** `nprocs/mpi`: mpi4py's module `MPI`. */
export * as MPI from './mpi/module.ts';
export { MPICommExecutor, type CommExecutor, type MPICommOptions } from './mpi/futures/comm-executor.ts';
export { MPIPoolExecutor, type MPIMapOptions, type MPIPoolOptions } from './mpi/futures/pool-executor.ts';
