/**
 * State of the process, or of the worker thread, and not of a copy of this library. A program can have several copies:
 * a package brings its own, a loader gives one to `import` and another one to `require()`. What they must agree on is
 * kept on Node's `process` object, where each of them finds it.
 *
 * A name never changes its meaning: `name/2` is a state of its own, and a version of the library that needs it keeps
 * `name/1` true as well for as long as copies of older versions may be around.
 */

/** What gives the state of this name; the first copy that asks makes it. Nothing happens before. */
export function processWide<T extends object>(name: `${string}/${number}`, make: () => T): () => T {
	let found: T | undefined;
	return () => (found ??= (states()[name] ??= make()) as T);
}

const key = Symbol.for('nprocs.states');

function states(): Record<string, object> {
	const host = process as unknown as Record<symbol, Record<string, object> | undefined>;
	if (host[key] === undefined) Object.defineProperty(process, key, { value: Object.create(null) });
	return host[key]!;
}
