/**
 * Paths in the errors of values that cannot be sent: the program gave arguments and results, and knows nothing of the
 * messages that they travel in.
 */
import { SerializationError } from '../base/errors.ts';

/** `value[5][0].x` → `args[0].x` */
export function renamedPath(error: unknown, [from, to]: readonly [from: string, to: string]): unknown {
	if (!(error instanceof SerializationError) || !error.path.startsWith(from)) return error;
	const path = to + error.path.slice(from.length);
	return new SerializationError(
		error.message.replace(error.path, () => path),
		path,
		{ code: error.code, cause: error.cause },
	);
}

/** `value[7].x` → `args[1].x`, where the arguments begin at 6. */
export function renamedArgument(error: unknown, begin: number): unknown {
	const index = /^value\[(\d+)\]/.exec(error instanceof SerializationError ? error.path : '')?.[1];
	return index === undefined || Number(index) < begin ? error : renamedPath(error, [`value[${index}]`, `args[${Number(index) - begin}]`]);
}
