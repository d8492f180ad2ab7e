/**
 * Joins the library's modules into dist/nprocs.js; what only the forkserver needs into
 * dist/nprocs-forkserver.js, what MPI adds into dist/nprocs-mpi.js, its launcher into dist/nprocs-mpiexec.js; after tsc has written them one by one.
 *
 * Node needs half a millisecond to a millisecond to load a module, and the library has many: importing them one by one
 * would cost each program, and each process that it starts, several times what loading their code costs.
 *
 * Every module that was joined becomes a line that re-exports its part of the bundle. So whichever file is imported, by a program,
 * by a test that looks inside, or by the entry of a child process, there is one copy of everything. For the code itself nothing
 * changes: `import.meta.url` is still the address of the module's own file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { banner, withLateBuiltins } from './bundle/late-builtins.mjs';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const shared = { absWorkingDir: root, bundle: true, format: 'esm', platform: 'node', target: 'node20.19', packages: 'external', logLevel: 'warning' };

/** The names of the classes that each module declares. */
const classNames = new Map();
/** Every module that is in a bundle → the bundle. */
const bundleOf = new Map();

await joinInto(['index.js'], 'nprocs.js');
await joinInto(['forkserver/server.js'], 'nprocs-forkserver.js');
await joinInto(['mpi.js', 'mpi/launcher/rank-main.js'], 'nprocs-mpi.js');
await joinInto(['mpi/launcher/mpiexec.js', 'mpi/launcher/options.js'], 'nprocs-mpiexec.js');

/** Makes a bundle of all that these modules reach and that is in no bundle yet. */
async function joinInto(entries, bundleName) {
	const modules = await modulesWithExports(entries);
	for (const { path } of modules) bundleOf.set(path, bundleName);
	const { outputFiles } = await build({
		...shared,
		write: false,
		stdin: { contents: entryText(modules), resolveDir: dist, sourcefile: 'all-modules.js' },
		outfile: join(dist, bundleName),
		banner: { js: banner },
		plugins: [
			{ name: 'other-bundles', setup: (hooks) => hooks.onResolve({ filter: /^\.\/nprocs.*\.js$/ }, ({ path }) => ({ path, external: true })) },
			{ name: 'modules', setup: (hooks) => hooks.onLoad({ filter: /\.js$/ }, (module) => asItStands(module, bundleName)) },
		],
	});
	for (const { path, text } of outputFiles) writeFileSync(path, inAscii(withClassNames(text)));
	for (const { path, exports } of modules) writeFileSync(join(dist, path), reexports({ path, exports }, `${relative(dirname(path), '.') || '.'}/`));
}

/** A module's exports, from where they are now. */
function reexports({ path, exports }, toDist) {
	const names = exports.map((name) => `${nameInBundle(path, name)} as ${name}`).join(', ');
	const bundle = `'${toDist}${bundleOf.get(path)}'`;
	return names === '' ? `import ${bundle};\n` : `export { ${names} } from ${bundle};\n`;
}

/** What the entries reach and no bundle has, themselves first: `{ path, exports }`, the path relative to dist. */
async function modulesWithExports(entries) {
	const reached = await build({ ...shared, entryPoints: entries.map((path) => join(dist, path)), write: false, metafile: true, outdir: 'unused' });
	const paths = Object.keys(reached.metafile.inputs)
		.map((path) => relative('dist', path))
		.filter((path) => !bundleOf.has(path) && !/^nprocs.*\.js$/.test(path));
	const each = await build({
		...shared,
		entryPoints: paths.map((path) => join(dist, path)),
		splitting: true,
		write: false,
		metafile: true,
		outdir: 'unused',
		outbase: dist,
	});
	const exportsOf = new Map(Object.values(each.metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]));
	return [...entries, ...paths.filter((path) => !entries.includes(path)).sort()].map((path) => ({
		path,
		exports: exportsOf.get(join('dist', path)),
	}));
}

/** Index first, so that modules are evaluated in the order in which it reaches them. */
function entryText(list) {
	return list
		.map(({ path, exports }) => {
			if (exports.length === 0) return `import './${path}';`;
			return `export { ${exports.map((name) => `${name} as ${nameInBundle(path, name)}`).join(', ')} } from './${path}';`;
		})
		.join('\n');
}

function nameInBundle(path, name) {
	return `${path.replace(/\.js$/, '').replaceAll(/\W/g, '_')}$${name}`;
}

/** A module of ours as it goes into the bundle; of one that is in another bundle already, what leads there. */
async function asItStands({ path }, bundleName) {
	const bundled = relative(dist, path);
	if (bundleOf.get(bundled) !== bundleName)
		return { contents: readFileSync(path, 'utf8').replaceAll(/'[./]*\/(nprocs[\w-]*\.js)'/g, "'./$1'"), loader: 'js' };
	const text = readFileSync(path, 'utf8');
	if (/\bimport\.meta\.(dirname|filename|main|resolve)\b/.test(text)) throw new Error(`${path}: in the library only import.meta.url may be used`);
	classNames.set(
		relative(dist, path),
		[...text.matchAll(/\bclass (\w+)/g)].map((match) => match[1]),
	);
	const address = `new URL('./${relative(dist, path)}', import.meta.url).href`;
	return { contents: (await withLateBuiltins(text)).replaceAll(/\bimport\.meta\.url\b/g, address), loader: 'js' };
}

/** esbuild makes expressions of class declarations, `var Lock = class _Lock`, and numbers what is defined twice; `name` is shown to users. */
function withClassNames(text) {
	const declared = new Set([...classNames.values()].flat());
	const lines = [...text.matchAll(/^var (\w+) = class(?: (?!extends\b)(\w+))?/gm)].flatMap(([, variable, inner]) => {
		const name = declared.has(variable) ? variable : variable.replace(/\d+$/, '');
		return name === (inner ?? variable) ? [] : [`Object.defineProperty(${variable}, 'name', { value: '${name}', configurable: true });`];
	});
	return text.replace(/^export \{/m, `${lines.join('\n')}\nexport {`);
}

/** esbuild escapes all but comments. One other character, and V8 keeps the whole text in two bytes for each. */
function inAscii(text) {
	// oxlint-disable-next-line no-control-regex -- which is what this is about
	return text.replaceAll(/[^\u0000-\u007f]/g, '?');
}
