/**
 * `isMain(import.meta)`, in CommonJS `isMain(module)`: the `if __name__ == '__main__'` of a module, on every Node
 * version.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isOf, type Kind } from '../base/arguments.ts';
import { ArgumentError } from '../base/errors.ts';
import { isMainThread } from '../native/main-thread.ts';
import { role } from './current.ts';

/**
 * Whether the module is the one that the program was started with, and this is the program's first process: false in
 * all processes that the program starts, which import the same module to find their functions. `module` is
 * `import.meta` of an ES module, or `module` of a CommonJS one.
 */
export function isMain(module: ImportMeta | NodeModule): boolean {
	const file = fileOf(module);
	if (role() !== 'main' || !isMainThread() || file === undefined) return false;
	const started = process.argv[1];
	const isWrapped = started !== undefined && pm2Container.test(started);
	const own = (module as { main?: unknown }).main;
	if (typeof own === 'boolean' && !isWrapped) return own;
	const program = isWrapped ? process.env['pm_exec_path'] : started;
	if (program === undefined) return false;
	return file === program || [program, `${program}.js`, `${program}/index.js`].some((path) => file === realPath(path));
}

/** What pm2 starts in the place of the program, whose path it has in `pm_exec_path` and which it imports. */
const pm2Container = /[\\/]pm2[\\/]lib[\\/]ProcessContainer(Fork)?\.js$/;

/** All that is looked at can be read. */
const aModule: Kind = {
	what: 'a module',
	has: (value) => [(value as ImportMeta).url, (value as NodeModule).filename, (value as NodeModule).exports].length > 0,
};

/** Undefined for a module that is no file. */
function fileOf(module: ImportMeta | NodeModule): string | undefined {
	const { url, filename, exports } = isOf(aModule, module) ? (module as { url?: unknown; filename?: unknown; exports?: unknown }) : {};
	if (typeof url === 'string') return url.startsWith('file:') ? fileURLToPath(url) : undefined;
	if (exports !== undefined && typeof filename === 'string') return filename;
	throw new ArgumentError('Expected isMain() to be given `import.meta`, or `module` in a CommonJS module.');
}

function realPath(path: string): string | undefined {
	try {
		return realpathSync(path);
	} catch {
		return undefined;
	}
}
