/**
 * The packages that this one depends on, loaded when they are first needed: few programs need all of them, and one
 * takes longer to load than all of this library. What is missing then is a fault of the installation, and is said as
 * one.
 */
import { createRequire } from 'node:module';
import { NprocsError } from './errors.ts';

/**
 * The module `name`, as `require` gives it. Throws ERR_NPROCS_MISSING_DEPENDENCY. `purpose` completes "needs it to …".
 */
export function dependency(name: string, purpose: string): unknown {
	try {
		return createRequire(import.meta.url)(name);
	} catch (cause) {
		throw new NprocsError(
			`Cannot load the package ${name}, which nprocs needs to ${purpose}: the installation is not complete. Install nprocs again with its dependencies; a copied or bundled program needs node_modules beside it.`,
			{ code: 'ERR_NPROCS_MISSING_DEPENDENCY', cause },
		);
	}
}
