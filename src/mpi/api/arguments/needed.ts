import { ERR_BUFFER } from '../../constants.ts';
import { type ErrorOwner, fail } from './check.ts';

/** Of a buffer that this rank must have. */
export function needed<T>(buf: T, name: string, owner: ErrorOwner): T {
	if (buf === null || buf === undefined) fail(ERR_BUFFER, `\`${name}\` is missing: this rank needs a buffer here.`, owner);
	return buf;
}
