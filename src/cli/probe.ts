/** The target of the processes that `nprocs doctor` starts to see whether it can. */
export function probe(exitCode: number): void {
	process.exitCode = exitCode;
}
