/**
 * Those of Node's own modules that are slow to load are looked up when they are first used: `import { createHmac } from
 * 'node:crypto'` goes, and `createHmac` becomes `builtin.crypto.createHmac`. Few programs use all of the library, and
 * none all of it at once.
 */

/**
 * Loaded in every Node already, and in the hot paths of the library, where a property more would be felt; the others
 * only outside of the core.
 */
const early = ['fs', 'path', 'url', 'util'];
const earlyInParts = [...early, 'module', 'os'];

/** To be put at the head of the bundle. */
export const builtins = `const builtin = new Proxy({}, {
	get: (found, name) => (found[name] ??= process.getBuiltinModule('node:' + name.replace('__', '/'))),
});`;

/** What stands for a name that a module imports from one of Node's; undefined when the import stays as it is. */
export function lateBuiltin({ source, imported }, part) {
	const module = /^node:([\w/]+)$/.exec(source)?.[1];
	if (module === undefined || (part === 'core' ? early : earlyInParts).includes(module)) return undefined;
	const place = `builtin.${module.replace('/', '__')}`;
	return imported === '*' || imported === 'default' ? place : `${place}.${imported}`;
}
