/**
 * What joins jobs that were started apart, and representations of data in files that a program makes up: supported on
 * no engine. The calls are there to say so, and what to do.
 */
import { ERR_UNSUPPORTED_OPERATION } from '../../constants.ts';
import { fail } from '../arguments/check.ts';

/** Not supported: use the `Listener` and `connect()` of nprocs between jobs. */
export function Open_port(_info?: unknown): never {
	return refuse('Open_port()');
}
/** Not supported, as `Open_port()`. */
export function Close_port(_port_name: string): never {
	return refuse('Close_port()');
}
/** Not supported, as `Open_port()`. */
export function Publish_name(_service_name: string, _port_name: string, _info?: unknown): never {
	return refuse('Publish_name()');
}
/** Not supported, as `Open_port()`. */
export function Unpublish_name(_service_name: string, _port_name: string, _info?: unknown): never {
	return refuse('Unpublish_name()');
}
/** Not supported, as `Open_port()`. */
export function Lookup_name(_service_name: string, _info?: unknown): never {
	return refuse('Lookup_name()');
}

/** Not supported: files have MPI's own representations, `native`, `internal` and `external32`. */
export function Register_datarep(_datarep: string, ..._functions: readonly unknown[]): never {
	const hint = 'Convert the data before they are written, or use `external32` where the engine has it.';
	return fail(
		ERR_UNSUPPORTED_OPERATION,
		`Register_datarep() is supported on no engine: conversions would run on threads of MPI's, where no JavaScript can. ${hint}`,
	);
}

function refuse(method: string): never {
	const hint = 'Start all ranks by one launcher (`mpiexec -n 1 a.js : -n 4 b.js`), or join the jobs with the Listener and connect() of nprocs.';
	return fail(ERR_UNSUPPORTED_OPERATION, `${method} is supported on no engine: jobs that were started apart cannot become one. ${hint}`);
}
