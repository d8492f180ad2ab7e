/**
 * From the bytes of a message to a value. In MPI a message may be none, by a mistake of the program: what was sent from
 * a buffer is received by a method for values, or ranks call different collective operations. Then the error says so.
 */
import { SerializationError } from '../../../base/errors.ts';
import { decodeRange } from '../../../codec/decode.ts';

/** As decodeRange. */
export function decodeValue(bytes: Uint8Array, start: number, end: number, buffers?: readonly ArrayBuffer[]): unknown {
	try {
		return decodeRange(bytes, start, end, buffers);
	} catch (error) {
		throw (error as { code?: string }).code === 'ERR_NPROCS_MALFORMED_MESSAGE' ? noValue(error) : error;
	}
}

/** A list behind its length, which is four bytes, and where it ends. */
export function decodeTable(bytes: Uint8Array, start: number, end: number): { table: readonly unknown[]; end: number } {
	if (start + 4 > end) throw noValue();
	const tableEnd = start + 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(start, true);
	const table = tableEnd > end ? undefined : decodeValue(bytes, start + 4, tableEnd);
	if (!Array.isArray(table) || !Array.isArray(table[0])) throw noValue();
	return { table, end: tableEnd };
}

function noValue(cause?: unknown): SerializationError {
	return new SerializationError(
		'The message that was received is no value. Either a buffer was sent (by `Send` and the like, for which there are `Recv` and the like), or the ranks have not called the same collective operations in the same order.',
		'',
		{ code: 'ERR_NPROCS_MALFORMED_MESSAGE', ...(cause === undefined ? {} : { cause }) },
	);
}
