/**
 * The classes of errors that MPI knows, by number: their names, and what they mean in words. Programs add classes,
 * codes and strings of their own (`MPI.Add_error_class`): those are known to this process alone, as in MPI, and their
 * numbers follow ERR_LASTCODE.
 */
import { aString, checkArgument } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import * as constants from '../../constants.ts';

/** A class of this number exists, MPI's or a program's. */
function isErrorClass(number: number): boolean {
	return number in meanings || added.get(number)?.isClass === true;
}

/**
 * The class of a code that is none of an engine's: a class, or what a program has added. Undefined: an engine must be
 * asked.
 */
export function knownClassOf(code: number): number | undefined {
	if (code in meanings) return code;
	return added.get(code)?.errorClass;
}

/** `MPI_ERR_RANK: invalid rank`. Undefined: an engine must be asked. */
export function knownStringOf(code: number): string | undefined {
	const meaning = meanings[code];
	return meaning === undefined ? added.get(code)?.text : `${nameOf(code)}: ${meaning}`;
}

/** `MPI_ERR_RANK`, or the number where it has no name. */
export function nameOf(errorClass: number): string {
	return names.get(errorClass) ?? `error class ${errorClass}`;
}

/** A new class. */
export function Add_error_class(): number {
	const errorClass = nextCode++;
	added.set(errorClass, { errorClass, isClass: true, text: '' });
	return errorClass;
}

/** A new code of a class, which may be one of MPI's. */
export function Add_error_code(errorclass: number): number {
	if (!isErrorClass(errorclass)) throw unknown('class', errorclass);
	const code = nextCode++;
	added.set(code, { errorClass: errorclass, isClass: false, text: '' });
	return code;
}

/** Says what a class or code that was added means. */
export function Add_error_string(errorcode: number, string: string): void {
	checkArgument('`string` of Add_error_string()', string, aString);
	ownEntry(errorcode).text = string;
}

/** A class that no code has any more. */
export function Remove_error_class(errorclass: number): void {
	if (!ownEntry(errorclass).isClass) throw unknown('class', errorclass);
	for (const [code, entry] of added) {
		if (entry.errorClass === errorclass && code !== errorclass) {
			throw new ArgumentError(`Cannot remove the error class ${errorclass}: the error code ${code} belongs to it. Remove the code first.`);
		}
	}
	added.delete(errorclass);
}

export function Remove_error_code(errorcode: number): void {
	if (ownEntry(errorcode).isClass) throw unknown('code', errorcode);
	added.delete(errorcode);
}

export function Remove_error_string(errorcode: number): void {
	ownEntry(errorcode).text = '';
}

interface Entry {
	readonly errorClass: number;
	readonly isClass: boolean;
	text: string;
}

const added = new Map<number, Entry>();
let nextCode = constants.ERR_LASTCODE + 1;

/** The largest code that there is. */
export function lastUsedCode(): number {
	return nextCode - 1;
}

function ownEntry(number: number): Entry {
	const entry = added.get(number);
	if (entry === undefined) throw unknown('class or code', number);
	return entry;
}

function unknown(what: string, number: unknown): ArgumentError {
	return new ArgumentError(`There is no error ${what} ${String(number)} that was added here: Add_error_class() and Add_error_code() give them.`);
}

const meanings: Readonly<Record<number, string>> = {
	[constants.SUCCESS]: 'no error',
	[constants.ERR_BUFFER]: 'invalid buffer',
	[constants.ERR_COUNT]: 'invalid count',
	[constants.ERR_TYPE]: 'invalid datatype',
	[constants.ERR_TAG]: 'invalid tag',
	[constants.ERR_COMM]: 'invalid communicator',
	[constants.ERR_RANK]: 'invalid rank',
	[constants.ERR_ROOT]: 'invalid root',
	[constants.ERR_GROUP]: 'invalid group',
	[constants.ERR_OP]: 'invalid operation',
	[constants.ERR_TOPOLOGY]: 'invalid topology',
	[constants.ERR_DIMS]: 'invalid dimensions',
	[constants.ERR_ARG]: 'invalid argument',
	[constants.ERR_UNKNOWN]: 'unknown error',
	[constants.ERR_TRUNCATE]:
		'message truncated: it is longer than the buffer; in a collective operation, ranks gave different counts or called different ones',
	[constants.ERR_OTHER]: 'another error',
	[constants.ERR_INTERN]: 'internal error',
	[constants.ERR_IN_STATUS]: 'the errors are in the statuses',
	[constants.ERR_PENDING]: 'the operation is still under way',
	[constants.ERR_REQUEST]: 'invalid request',
	[constants.ERR_ACCESS]: 'access to the file was denied',
	[constants.ERR_AMODE]: 'invalid access mode',
	[constants.ERR_BAD_FILE]: 'invalid file name',
	[constants.ERR_CONVERSION]: 'a conversion of data failed',
	[constants.ERR_DUP_DATAREP]: 'the data representation exists already',
	[constants.ERR_FILE_EXISTS]: 'the file exists already',
	[constants.ERR_FILE_IN_USE]: 'the file is in use',
	[constants.ERR_FILE]: 'invalid file',
	[constants.ERR_INFO]: 'invalid info object',
	[constants.ERR_INFO_KEY]: 'invalid info key',
	[constants.ERR_INFO_VALUE]: 'invalid info value',
	[constants.ERR_INFO_NOKEY]: 'there is no such info key',
	[constants.ERR_IO]: 'input or output failed',
	[constants.ERR_NAME]: 'the service name was not published',
	[constants.ERR_NO_MEM]: 'out of memory',
	[constants.ERR_NOT_SAME]: 'not the same argument on all ranks',
	[constants.ERR_NO_SPACE]: 'no space is left',
	[constants.ERR_NO_SUCH_FILE]: 'there is no such file',
	[constants.ERR_PORT]: 'invalid port',
	[constants.ERR_QUOTA]: 'the quota is exhausted',
	[constants.ERR_READ_ONLY]: 'the file or file system is read-only',
	[constants.ERR_SERVICE]: 'the service name is not published',
	[constants.ERR_SPAWN]: 'processes cannot be spawned',
	[constants.ERR_UNSUPPORTED_DATAREP]: 'the data representation is not supported',
	[constants.ERR_UNSUPPORTED_OPERATION]: 'the operation is not supported',
	[constants.ERR_WIN]: 'invalid window',
	[constants.ERR_BASE]: 'invalid base',
	[constants.ERR_LOCKTYPE]: 'invalid lock type',
	[constants.ERR_KEYVAL]: 'invalid key of attributes',
	[constants.ERR_RMA_CONFLICT]: 'conflicting accesses to a window',
	[constants.ERR_RMA_SYNC]: 'wrong synchronisation of a window',
	[constants.ERR_SIZE]: 'invalid size',
	[constants.ERR_DISP]: 'invalid displacement',
	[constants.ERR_ASSERT]: 'invalid assertion',
	[constants.ERR_RMA_RANGE]: 'the target memory is not in the window',
	[constants.ERR_RMA_ATTACH]: 'the memory cannot be attached',
	[constants.ERR_RMA_SHARED]: 'the memory cannot be shared',
	[constants.ERR_RMA_FLAVOR]: 'the window is of the wrong kind',
	[constants.ERR_SESSION]: 'invalid session',
	[constants.ERR_PROC_ABORTED]: 'a process that was to take part has aborted',
	[constants.ERR_VALUE_TOO_LARGE]: 'the value is too large to be stored',
	[constants.ERR_ERRHANDLER]: 'invalid error handler',
	[constants.ERR_ABI]: 'the binary interface does not fit',
	[constants.ERR_PROC_FAILED]: 'a process has failed',
	[constants.ERR_PROC_FAILED_PENDING]: 'a process that could have taken part has failed',
	[constants.ERR_REVOKED]: 'the communicator was revoked',
	[constants.ERR_LASTCODE]: 'last error code',
};

const names = new Map<number, string>(
	Object.entries(constants)
		.filter(([name]) => name === 'SUCCESS' || name.startsWith('ERR_'))
		.map(([name, number]) => [number, `MPI_${name}`]),
);
