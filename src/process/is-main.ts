/** `isMain(import.meta)`: the `if __name__ == '__main__'` of a module, on every Node version. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { ArgumentError } from '../base/errors.ts';
import { role } from './role.ts';

/**
 * Whether the module is the one that the program was started with, and this is the program's first process: false in
 * all processes that the program starts, which import the same module to find their functions.
 */
export function isMain(meta: ImportMeta): boolean {
	if (typeof meta?.url !== 'string') throw new ArgumentError('Expected isMain() to be given `import.meta`.');
	if (role() !== 'main' || !isMainThread) return false;
	const own = (meta as { main?: boolean }).main;
	if (typeof own === 'boolean') return own;
	const program = process.argv[1];
	if (program === undefined || !meta.url.startsWith('file:')) return false;
	const file = fileURLToPath(meta.url);
	return file === program || file === realPath(program) || file === realPath(`${program}.js`) || file === realPath(`${program}/index.js`);
}

function realPath(path: string): string | undefined {
	try {
		return realpathSync(path);
	} catch {
		return undefined;
	}
}
