/**
 * Joins the library's modules, after tsc has written them one by one, into a few files: dist/index.js, the core, which
 * importing the library loads, and dist/nprocs-<part>.cjs for each part, which is loaded when something of it is first
 * used (bundle/parts.mjs says what is where).
 *
 * Node needs half a millisecond to a millisecond to load a module, and 40 microseconds to read 1 KB of code of which
 * nothing is called: importing all modules one by one would cost each program, and each process that it starts, 200 ms;
 * all in one file 33 ms; the core alone 10.
 *
 * Between two files, an imported name becomes one that is looked up: `encode` becomes
 * `late$ground.codec_encode$encode`, where `late$ground` loads the part and takes its own place with it at the first
 * use; or, where the other file is sure to be needed, a constant at the head of the file. Parts are CommonJS, because
 * `require` loads at once and in every process, also where a program's module loaders run in threads that a forked
 * process lacks.
 *
 * Every module becomes a few lines that re-export its part of the bundle. So whichever file is imported, by a program,
 * by a test that looks inside, or by the entry of a child process, there is one copy of everything. For the code itself
 * nothing changes: `import.meta.url` is still the address of the module's own file.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'acorn';
import { build, transform } from 'esbuild';
import { builtins, lateBuiltin } from './bundle/late-builtins.mjs';
import { readModule } from './bundle/module.mjs';
import { assignParts, entries, furtherParts, lateParts } from './bundle/parts.mjs';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
/** What esbuild is told for everything that it reads or makes here. */
const settings = { absWorkingDir: root, bundle: true, format: 'esm', platform: 'node', target: 'node20.19', packages: 'external', write: false };
/**
 * As esbuild writes it. To import one of Node's own modules takes Node milliseconds: it reads all that there is, and
 * `fs` and `util` load others for that.
 */
const builtinImport = /^import (\w+|\{[^}]*\}) from ("node:\w+");$/gm;

const modules = readModules([...entries, ...furtherParts.flatMap(({ entries: own }) => own)]);
const partOf = assignParts(modules);
const exportsOf = await readExports([...partOf.keys()]);
/** Part → the names that other parts use of it. */
const shared = new Map([...new Set(partOf.values())].map((part) => [part, new Set()]));
const buildId = createHash('sha256');
for (const { path, text } of modules.values()) buildId.update(path).update(text);
const id = buildId.digest('hex').slice(0, 16);

/** The core gives its names as an array, for the sake of its size: name → index. */
const coreIndex = new Map();
const bodies = new Map();
for (const part of shared.keys()) bodies.set(part, await bundle(part));
for (const name of splitExports(bodies.get('core')).names.keys())
	if (!name.startsWith(nameInBundle(entries[0], ''))) coreIndex.set(name, coreIndex.size);
for (const [part, text] of bodies) writeFileSync(join(dist, fileOf(part)), withoutComments(part === 'core' ? coreFile(text) : partFile(part, text)));
for (const path of partOf.keys()) if (path !== entries[0]) writeFileSync(join(dist, path), reexports(path));

function fileOf(part) {
	return part === 'core' ? entries[0] : `nprocs-${part}.cjs`;
}

/** The modules that these reach. */
function readModules(paths) {
	const found = new Map();
	const visit = (path) => {
		if (found.has(path)) return;
		const module = readModule(dist, path);
		found.set(path, module);
		for (const statement of module.statements) if (statement.module !== undefined) visit(statement.module);
	};
	paths.forEach(visit);
	return found;
}

async function readExports(paths) {
	const { metafile } = await build({
		...settings,
		entryPoints: paths.map((path) => join(dist, path)),
		splitting: true,
		metafile: true,
		outdir: 'unused',
		outbase: dist,
	});
	return new Map(Object.values(metafile.outputs).map(({ entryPoint, exports }) => [entryPoint && relative('dist', entryPoint), exports]));
}

/** The modules of a part in one, as an ES module that exports all that they export. */
async function bundle(part) {
	const own = [...partOf.keys()].filter((path) => partOf.get(path) === part);
	const { outputFiles } = await build({
		...settings,
		logLevel: 'warning',
		stdin: { contents: entryText(part, own), resolveDir: dist, sourcefile: 'all-modules.js' },
		plugins: [{ name: 'modules', setup: (hooks) => hooks.onLoad({ filter: /\.js$/ }, ({ path }) => asItStands(relative(dist, path), part)) }],
	});
	return withClassNames(outputFiles[0].text);
}

/**
 * All exports of the modules, the first module first: so they are evaluated in the order in which they reach each
 * other.
 */
function entryText(part, paths) {
	const lines = paths.map((path) => {
		const names = exportsOf.get(path).map((name) => `${name} as ${nameInBundle(path, name)}`);
		const all = `import * as ${nameInBundle(path, 'all')} from './${path}';`;
		return `${names.length === 0 ? `import './${path}'` : `export { ${names.join(', ')} } from './${path}'`};${needsNamespace(path) ? `${all} export { ${nameInBundle(path, 'all')} };` : ''}`;
	});
	if (part === 'core') {
		lines.push(
			`import { readPart, loadPartsBy } from './base/parts.js';`,
			`late$read = readPart;`,
			`loadPartsBy((name) => name in late$on && late$part(name));`,
		);
	}
	return lines.join('\n');
}

/** Whether another part imports all of it under one name. */
function needsNamespace(path) {
	return [...modules.values()].some(({ path: from, imports }) =>
		imports.some(({ module, imported }) => module === path && imported === '*' && partOf.get(from) !== partOf.get(path)),
	);
}

function nameInBundle(path, name) {
	return `${path.replace(/\.js$/, '').replaceAll(/\W/g, '_')}$${name}`;
}

/** A module as it goes into the bundle of its part. */
async function asItStands(path, part) {
	const { text, statements, imports } = modules.get(path);
	if (/\bimport\.meta\.(dirname|filename|main|resolve)\b/.test(text)) throw new Error(`${path}: in the library only import.meta.url may be used`);
	const define = {};
	for (const one of imports) {
		const place = lateBuiltin(one, part) ?? elsewhere(one, part);
		if (place !== undefined) define[one.local] = place;
	}
	let rest = text;
	for (const { start, end, names, module, isExport } of statements.toReversed()) {
		const isAway = module !== undefined && partOf.get(module) !== part;
		if (isAway && isExport) rest += passOn({ path, names, module, part });
		if (isAway || (names.length > 0 && names.every(({ local }) => local in define))) rest = rest.slice(0, start) + rest.slice(end);
	}
	if (Object.keys(define).length > 0) rest = (await transform(rest, { define, target: settings.target })).code;
	return { contents: rest.replaceAll(/\bimport\.meta\.url\b/g, `new URL('./${path}', late$url()).href`), loader: 'js' };
}

/** What stands for a name that comes from a module of another part. */
function elsewhere({ module, imported }, part) {
	const other = module === undefined ? part : partOf.get(module);
	if (other === part) return undefined;
	const name = nameInBundle(module, imported === '*' ? 'all' : imported);
	shared.get(other).add(name);
	return `${onOf(part).includes(other) ? 'near' : 'late'}$${other}$${name}`;
}

/**
 * Exports of a module of another part. For the core these are functions, which load that when they are called; a later
 * part finds it loaded, or loads it with itself.
 */
function passOn({ path, names, module, part }) {
	if (names.length === 0) throw new Error(`${path} passes on all of ${module}, which is in another part: name what it is`);
	return names
		.map(({ local, exported: name }) => {
			const place = elsewhere({ module, imported: local }, part);
			if (part !== 'core') return `export const ${name} = ${place};\n`;
			const parameters = Array.from({ length: modules.get(module).functions.get(local) }, (_, i) => `a${i}`).join(', ');
			return `export function ${name}(${parameters}) { return ${place}(...arguments); }\n`;
		})
		.join('');
}

/** The parts whose names are at hand in this one. */
function onOf(part) {
	if (part === 'core') return [];
	return ['core', ...[...lateParts, ...furtherParts].find(({ name }) => name === part).on];
}

/**
 * esbuild makes expressions of class declarations, `var Lock = class _Lock`, and numbers what is defined twice; `name`
 * is shown to users.
 */
function withClassNames(text) {
	const declared = new Set([...modules.values()].flatMap(({ classes }) => classes));
	const lines = [...text.matchAll(/^var (\w+) = class(?: (?!extends\b)(\w+))?/gm)].flatMap(([, variable, inner]) => {
		const name = declared.has(variable) ? variable : variable.replace(/\d+$/, '');
		return name === (inner ?? variable) ? [] : [`Object.defineProperty(${variable}, 'name', { value: '${name}', configurable: true });`];
	});
	return text.replace(/^export \{/m, `${lines.join('\n')}\nexport {`);
}

/** Looks up what lies in other parts, and says at the head which those are. */
function withLookups(text, part) {
	const late = new Set();
	const body = text.replaceAll(/\blate\$([a-z]+)\$(\w+\$\w+)/g, (_, other, name) => {
		late.add(other);
		return `late$${other}.${name}`;
	});
	const near = onOf(part).map((other) => {
		const names = new Set([...body.matchAll(new RegExp(`\\bnear\\$${other}\\$(\\w+\\$\\w+)`, 'g'))].map(([, name]) => name));
		if (names.size === 0) return '';
		if (other === 'core')
			return `const core = late$part("core"), ${[...names].map((name) => `near$core$${name} = core[${coreIndex.get(name)}]`).join(', ')};`;
		return `const { ${[...names].map((name) => `${name}: near$${other}$${name}`).join(', ')} } = late$part("${other}");`;
	});
	const builtins = [];
	const rest = body.replaceAll(builtinImport, (_, wanted, module) => {
		builtins.push(`const ${wanted.replaceAll(' as ', ': ')} = ${part === 'core' ? 'process.getBuiltinModule' : 'require'}(${module});`);
		return '';
	});
	if (/^import\b/m.test(rest)) throw new Error(`${fileOf(part)} still imports: ${/^import\b.*/m.exec(rest)[0]}`);
	return {
		body: rest,
		head: [
			...builtins,
			...[...late].map((other) => `let late$${other} = late$stand("${other}", (part) => (late$${other} = part));`),
			...near,
		].join('\n'),
	};
}

/** The names of the `export` at the end of a bundle → what they are called inside; and the text without it. */
function splitExports(text) {
	const match = /^export \{([^}]*)\};\s*$/m.exec(text);
	const names = new Map(
		match[1]
			.split(',')
			.map((entry) => entry.trim().split(/ as /).toReversed())
			.map(([outside, inside = outside]) => [outside, inside]),
	);
	return { body: text.slice(0, match.index), names };
}

function objectOf(names, wanted) {
	return `{ ${[...wanted].map((name) => `${name}: ${names.get(name)}`).join(', ')} }`;
}

/**
 * Part `core`: exports what the package does. All else is found by a property of NprocsError: to link hundreds of
 * names, or a second module, would take a millisecond.
 */
function coreFile(text) {
	const { body, names } = splitExports(text);
	const { body: looked, head } = withLookups(body, 'core');
	const open = exportsOf.get(entries[0]).map((name) => `${names.get(nameInBundle(entries[0], name))} as ${name}`);
	const on = Object.fromEntries([...shared.keys()].filter((part) => part !== 'core').map((part) => [part, fileOf(part)]));
	return `${builtins}
let late$read;
const late$on = ${JSON.stringify(on)};
const late$loaded = {};
const late$all = {};
function late$url() {
	return import.meta.url;
}
function late$part(name) {
	return (late$loaded[name] ??= name === "core" ? late$own() : late$load(name));
}
function late$load(name) {
	const { used, all } = late$read(late$on[name], late$url(), "${id}")(late$part, late$stand, builtin, late$url);
	late$all[name] = all;
	return used;
}
function late$stand(name, take) {
	return new Proxy({}, { get: (_, key) => take(late$part(name))[key] });
}
${head}
${looked}
function late$own() {
	return [${[...coreIndex.keys()].map((name) => names.get(name)).join(', ')}];
}
Object.defineProperty(${names.get('base_errors$NprocsError')}, Symbol.for('nprocs.part'), { value: (name) => name === "core" ? late$part(name) : (late$part(name), late$all[name]()) });
export { ${open.join(', ')} };
`;
}

/** Each other one. In parentheses: V8 compiles the function at once, since it will be called. */
function partFile(part, text) {
	const { body, head } = withLookups(splitExports(text).body, part);
	const { names } = splitExports(text);
	return `"use strict";
exports.build = "${id}";
exports.evaluate = (function (late$part, late$stand, builtin, late$url) {
${head}
${body}
return { used: ${objectOf(names, shared.get(part))}, all: () => (${objectOf(names, names.keys())}) };
});
`;
}

/** A module's exports, from where they are now. */
function reexports(path) {
	const names = exportsOf.get(path);
	const core = `'${relative(dirname(path), '.') || '.'}/${fileOf('core')}'`;
	const part = partOf.get(path);
	const place = (name) => (part === 'core' ? `[${coreIndex.get(nameInBundle(path, name))}]` : `.${nameInBundle(path, name)}`);
	const lines = names.map((name) => `export const ${name} = part${place(name)};\n`);
	return `import { NprocsError as core } from ${core};\nconst part = core[Symbol.for('nprocs.part')]('${part}');\n${lines.join('')}`;
}

/**
 * They are a quarter of the text, and the only part of it that esbuild leaves in other characters than ASCII: one of
 * those, and V8 keeps the whole text in two bytes for each.
 */
function withoutComments(text) {
	const comments = [];
	parse(text, { sourceType: 'module', ecmaVersion: 'latest', onComment: (...[, , start, end]) => comments.push([start, end]) });
	let rest = '';
	let at = 0;
	for (const [start, end] of comments) {
		rest += text.slice(at, start);
		const isAlone = /\n\s*$/.test(rest) && text[end] === '\n';
		if (isAlone) rest = rest.trimEnd();
		at = end;
	}
	return rest + text.slice(at);
}
