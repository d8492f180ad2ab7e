/**
 * Ports, at which jobs that were started apart meet (`Accept()`, `Connect()`), and the names under which they are
 * found; and representations of data in files that a program makes up, which no engine has.
 */
import { ERR_UNSUPPORTED_OPERATION } from '../../constants.ts';
import { check, fail } from '../arguments/check.ts';
import { keywordOr } from '../arguments/keywords.ts';
import { nameText } from '../arguments/texts.ts';
import { entriesOf, type Info } from './info.ts';
import { engine } from './lifecycle.ts';
import { observed } from './observed.ts';

type InfoArgument = Info | { readonly info?: Info | null } | null;

/** The name of a new port, for `Comm.Accept()` here and `Comm.Connect()` in another job. On Open MPI and MPICH. */
export function Open_port(info: InfoArgument = null): string {
	const entries = infoFrom(info, 'Open_port()');
	return observed('Open_port', () => name(engine().openPort(entries)));
}

export function Close_port(port_name: string): void {
	const port = nameText(port_name, 'port_name');
	observed('Close_port', () => check(engine().closePort(port)));
}

/** From now on, `Lookup_name()` gives this port for this service. Who sees that is the launcher's affair. */
export function Publish_name(service_name: string, port_name: string, info: InfoArgument = null): void {
	const [service, port, entries] = [nameText(service_name, 'service_name'), nameText(port_name, 'port_name'), infoFrom(info, 'Publish_name()')];
	observed('Publish_name', () => check(engine().publishName(service, entries, port)));
}

export function Unpublish_name(service_name: string, port_name: string, info: InfoArgument = null): void {
	const [service, port, entries] = [nameText(service_name, 'service_name'), nameText(port_name, 'port_name'), infoFrom(info, 'Unpublish_name()')];
	observed('Unpublish_name', () => check(engine().unpublishName(service, entries, port)));
}

/**
 * The port that was published for the service.
 *
 * @throws MPI.Exception of the class MPI.ERR_NAME when there is none
 */
export function Lookup_name(service_name: string, info: InfoArgument = null): string {
	const [service, entries] = [nameText(service_name, 'service_name'), infoFrom(info, 'Lookup_name()')];
	return observed('Lookup_name', () => name(engine().lookupName(service, entries)));
}

/** Not supported: files have MPI's own representations, `native`, `internal` and `external32`. */
export function Register_datarep(_datarep: string, ..._functions: readonly unknown[]): never {
	const hint = 'Convert the data before they are written, or use `external32` where the engine has it.';
	return fail(
		ERR_UNSUPPORTED_OPERATION,
		`Register_datarep() is supported on no engine: conversions would run on threads of MPI's, where no JavaScript can. ${hint}`,
	);
}

function name(result: string | number): string {
	if (typeof result === 'number') check(result);
	return result as string;
}

function infoFrom(info: InfoArgument, owner: string): ReturnType<typeof entriesOf> {
	return entriesOf(keywordOr<Info | null>(owner, 'info', { given: info, byDefault: null }));
}
