/**
 * The require() of jest loads no ES modules (before Node 24.9, or without a flag). For tests under jest alone, each
 * entry point is there as one CommonJS file, too, made of the bundle; to be run after bundle.mjs. Elsewhere, it is
 * never loaded: there would be two copies of the library.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

for (const entry of Object.values(exports)) {
	if (entry.require === undefined) continue;
	const module = basename(entry.import.default);
	const copy = module.replace(/\.js$/, '-for-jest.cjs');
	const text = `try {
	module.exports = require('./${module}');
} catch (error) {
	if (typeof jest === 'undefined') throw error;
	module.exports = require('./${copy}');
}
`;
	writeFileSync(join(root, entry.require.default), text);
	await build({
		absWorkingDir: root,
		entryPoints: [entry.import.default],
		outfile: join('dist', copy),
		bundle: true,
		format: 'cjs',
		platform: 'node',
		target: 'node20.19',
		packages: 'external',
		define: { 'import.meta.url': 'urlOfThisFile' },
		banner: { js: "const urlOfThisFile = require('node:url').pathToFileURL(__filename).href;" },
		plugins: [{ name: 'one-core', setup: (hooks) => hooks.onResolve({ filter: /^\.\/index\.js$/ }, oneCore) }],
		logLevel: 'warning',
	});
}

/** For the other entries: what they stand on is there once. */
function oneCore() {
	return { path: './index-for-jest.cjs', external: true };
}
