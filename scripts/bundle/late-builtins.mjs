/**
 * Makes a module look up those of Node's own modules that are slow to load when it first uses them: `import { createHmac } from 'node:crypto'`
 * goes, and `createHmac` becomes `builtin.crypto.createHmac`. Few programs use all of the library, and none all of it at once.
 *
 * esbuild finds the uses: without the import the name is a free variable of the module, which `define` replaces by another.
 */
import { transform } from 'esbuild';

/** Loaded in every Node already, or in the hot paths of the library, where a property more would be felt. */
const early = ['fs', 'module', 'os', 'path', 'url', 'util'];
const importLine = /^import (?:(\w+)|\{([^}]*)\}|\* as (\w+)) from '(?:node:)([\w/]+)';$/gm;

/** To be put at the head of the bundle. */
export const banner = `const builtin = new Proxy({}, {
	get: (found, name) => (found[name] ??= process.getBuiltinModule('node:' + name.replace('__', '/'))),
});`;

export async function withLateBuiltins(text) {
	const define = {};
	const rest = text.replaceAll(importLine, (line, whole, names, namespace, module) => {
		if (early.includes(module)) return line;
		const place = `builtin.${module.replace('/', '__')}`;
		if (names === undefined) define[whole ?? namespace] = place;
		for (const name of (names ?? '').split(',').filter((part) => part.trim() !== '')) {
			const [exported, local = exported] = name.trim().split(/\s+as\s+/);
			define[local] = exported === 'default' ? place : `${place}.${exported}`;
		}
		return '';
	});
	return Object.keys(define).length === 0 ? rest : (await transform(rest, { define, target: 'node20.19' })).code;
}
