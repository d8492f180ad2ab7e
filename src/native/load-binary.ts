/**
 * Finds one of the package's `.node` files: the one that was compiled here, else the one that came prebuilt. The only
 * place that names such a file.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface LoadFailure {
	readonly path: string;
	readonly error: unknown;
}

/** Its exports, or why each file that could have been it did not load. */
export function loadBinary(name: 'nprocs' | 'nprocs_mpi'): { exports: unknown } | { failures: readonly LoadFailure[] } {
	const require = createRequire(import.meta.url);
	const failures: LoadFailure[] = [];
	const suffix = name === 'nprocs' ? '' : '-mpi';
	for (const path of [`../../native/build/Release/${name}.node`, `../../prebuilds/${process.platform}-${process.arch}${suffix}.node`]) {
		try {
			return { exports: require(path) };
		} catch (error) {
			failures.push({ path: fileURLToPath(new URL(path, import.meta.url)), error });
		}
	}
	return { failures };
}
