/**
 * What `require('nprocs')` finds: an entry point that is CommonJS, and declarations for TypeScript, dist/**.d.cts
 * beside the .d.ts that tsc has written.
 *
 * Node's require() loads ES modules, so the entry only passes that on and there is one copy of the library. (jest's
 * does not; see commonjs-for-jest.mjs.) But TypeScript under `node16`, and before 5.8 under `nodenext`, believes only a
 * declaration that is CommonJS itself; the same text is one, with its imports leading to its like.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const relativeImport = /(\bfrom '|\bimport\('|^import '|^declare module ')(\.[^']+)\.ts(')/gm;

for (const name of readdirSync(join(root, 'dist'), { recursive: true })) if (name.endsWith('.d.cts')) rmSync(join(root, 'dist', name));
const done = new Set();
for (const entry of Object.values(exports)) {
	if (entry.require === undefined) continue;
	writeFileSync(join(root, entry.require.default), `module.exports = require('./${basename(entry.import.default)}');\n`);
	writeDeclarations(join(root, entry.import.types));
}

function writeDeclarations(path) {
	if (done.has(path)) return;
	done.add(path);
	const text = readFileSync(path, 'utf8');
	writeFileSync(path.replace(/\.ts$/, '.cts'), text.replaceAll(relativeImport, '$1$2.cts$3'));
	for (const [, , to] of text.matchAll(relativeImport)) {
		const imported = join(dirname(path), `${to}.d.ts`);
		if (!existsSync(imported)) throw new Error(`${path} imports ${to}, of which there is no declaration`);
		writeDeclarations(imported);
	}
}
