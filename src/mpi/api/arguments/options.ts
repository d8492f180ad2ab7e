/**
 * The object that may stand in the place of a call's last arguments, with mpi4py's names for them: `comm.Recv(buffer, {
 * source: 1 })`. A wrong name is an error.
 */
import { anything, checkOptions, type Kind, type OptionKinds } from '../../../base/arguments.ts';
import { Status } from '../requests/status.ts';

/** Whether an argument is such an object. */
export function isOptions(value: unknown): value is object {
	return typeof value === 'object' && value !== null && !(value instanceof Status) && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

const aNumber: Kind = { what: 'a whole number', has: Number.isInteger };
const aStatus: Kind = { what: 'an MPI.Status or null', has: (value) => value === null || value instanceof Status };
const aBuffer: Kind = { what: 'a buffer, such as a typed array', has: (value) => typeof value === 'object' };

/** The kinds of mpi4py's names, wherever they are used. */
const kinds: Readonly<Record<string, Kind>> = {
	...Object.fromEntries(
		['dest', 'tag', 'source', 'sendtag', 'recvtag', 'root', 'color', 'key', 'split_type', 'errorcode'].map((name) => [name, aNumber]),
	),
	status: aStatus,
	recvbuf: aBuffer,
	sendbuf: aBuffer,
};

/** Throws an ArgumentError for what is not among the names. */
export function namedArguments<T extends object>(owner: string, options: T, names: readonly string[]): T {
	const known: OptionKinds = Object.fromEntries(names.map((name) => [name, kinds[name] ?? anything]));
	checkOptions(options, { owner: `${owner}()`, kinds: known });
	return options;
}
