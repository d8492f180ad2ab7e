/** What a pool and its workers say to each other, as arrays whose first element tells the kind. */
import { SerializationError } from '../../base/errors.ts';

/** From the pool. */
export const call = {
	/** [define, id, name, definition] */
	define: 0,
	/** [prepare, attempt, from, until]: about the next call; which items of a chunk it is to do. */
	prepare: 1,
	/** [one, function, args, index] */
	one: 2,
	/** [chunk, function, items, index of the first, whether the items are lists of arguments] */
	chunk: 3,
	/** [generate, function, args, window] */
	generate: 4,
	/** [initialize, function, args] */
	initialize: 5,
	/** [end] */
	end: 6,
} as const;

/** From a worker. Items are numbered within their message. */
export const reply = {
	/** [value, item, microseconds, result] */
	value: 0,
	/** [error, item, microseconds, encoded error] */
	error: 1,
	/**
	 * [progress, item]; the value is a message of its own, so that one that cannot be opened is known for what it is.
	 */
	progress: 2,
	/** [yielded, value] */
	yielded: 3,
	/** [ended]: of a chunk, or a generator */
	ended: 4,
	/** [ready] */
	ready: 5,
	/** [broken, encoded error]: of the initializer */
	broken: 6,
	/** [dying, encoded error]: nobody has caught it */
	dying: 7,
	/** [unreadable, encoded error]: the call cannot be decoded */
	unreadable: 8,
} as const;

/**
 * Position of what the user has given in a message that the encoder refuses; its path then begins with the user's word
 * for it.
 */
export function renamed(error: unknown, place: RegExp, word: string): unknown {
	if (!(error instanceof SerializationError) || !place.test(error.path)) return error;
	const path = error.path.replace(place, word);
	const message = error.message.startsWith(error.path) ? path + error.message.slice(error.path.length) : error.message;
	return new SerializationError(message, path, { code: error.code, ...(error.cause !== undefined && { cause: error.cause }) });
}
