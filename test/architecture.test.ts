/**
 * What must hold of the code as a whole: the directions of ARCHITECTURE.md, sizes, and what importing the library may
 * do.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
/** What each room stands on: these, and all that they stand on. */
const rooms: Record<string, string[]> = {
	base: [],
	native: ['base'],
	codec: ['native'],
	memory: ['codec'],
	wait: ['memory'],
	stream: ['wait'],
	queue: ['stream'],
	connection: ['stream'],
	sync: ['wait'],
	shared: ['sync'],
	process: ['queue', 'connection', 'shared'],
	forkserver: ['process'],
	task: ['process'],
	pool: ['task'],
	manager: ['task', 'pool'],
	mpi: ['task', 'pool'],
};
/** The same for rooms within a room. What lies beside their folders, in no folder of its own, may import them all. */
const roomsWithin: Record<string, Record<string, string[]>> = {
	process: { reference: [], start: ['reference'], forked: ['start'], fork: ['forked'], forkserver: ['start'] },
	pool: { link: [], worker: ['link'], scheduling: ['worker'], jobs: ['scheduling'] },
	mpi: { engine: [], api: ['engine'], embedded: ['engine'], real: ['engine'], futures: ['api', 'embedded'], launcher: ['api', 'embedded'] },
	'mpi/embedded': {
		job: [],
		datatypes: [],
		ops: ['datatypes'],
		schedules: ['ops'],
		collectives: ['schedules'],
		messages: ['job', 'schedules'],
		communicators: ['messages'],
		waiting: ['messages'],
		windows: ['messages'],
		files: ['datatypes'],
		engine: ['collectives', 'communicators', 'waiting', 'windows', 'files'],
	},
};
const hardLimits = { '.ts': 400, '.cc': 400, '.h': 400 };

const sources = filesUnder('src', '.ts');
const natives = [...filesUnder('native', '.cc'), ...filesUnder('native', '.h')].filter((path) => !path.startsWith('native/build/'));
const imports = sources.flatMap(importsOf);

test('rooms import only what they stand on', () => {
	for (const { from, to } of imports) {
		const [importer, imported] = [layerOf(from), layerOf(to)];
		if (importer === 'entry') continue;
		assert.notEqual(imported, 'entry', `${from} must not import the entry file ${to}`);
		assert.ok(importer in rooms, `${from} is in no known room: name it in this test and in ARCHITECTURE.md`);
		assert.ok(mayImport(rooms, importer, imported), `${from} must not import ${to}: ${importer} does not stand on ${imported}`);
	}
});

for (const [folder, within] of Object.entries(roomsWithin)) {
	const roomOf = (file: string): string | undefined => new RegExp(`^src/${folder}/([^/]+)/`).exec(file)?.[1];

	test(`rooms within ${folder} import only what they stand on`, () => {
		const found = new Set(sources.map(roomOf).filter((room) => room !== undefined));
		assert.deepEqual([...found].sort(), Object.keys(within).sort(), 'the rooms that exist are not those that this test knows');
		for (const { from, to } of imports) {
			const [importer, imported] = [roomOf(from), roomOf(to)];
			if (importer === undefined || imported === undefined) continue;
			assert.ok(mayImport(within, importer, imported), `${from} must not import ${to}: ${importer} does not stand on ${imported}`);
		}
	});
}

test('no file imports itself in a circle', () => {
	const edges = groupByFrom();
	const done = new Set<string>();
	const visit = (file: string, path: readonly string[]): void => {
		assert.ok(!path.includes(file), `circle: ${[...path, file].join(' → ')}`);
		if (done.has(file)) return;
		for (const to of edges.get(file) ?? []) visit(to, [...path, file]);
		done.add(file);
	};
	for (const file of sources) visit(file, []);
});

test('every import names a file that exists', () => {
	for (const { from, to } of imports) assert.ok(existsSync(join(root, to)), `${from} imports ${to}`);
});

test('no file is too long to be one concept', () => {
	for (const file of [...sources, ...natives]) {
		const lines = read(file).split('\n').length - 1;
		const limit = hardLimits[/\.\w+$/.exec(file)![0] as keyof typeof hardLimits];
		assert.ok(lines <= limit, `${file} has ${lines} lines; ${limit} are the limit, 250 the aim`);
	}
});

test('the files that ARCHITECTURE.md and CONTRIBUTING.md name exist', () => {
	const all = ['src', 'native', 'scripts', 'test'].flatMap((folder) => filesUnder(folder, ''));
	for (const page of ['ARCHITECTURE.md', 'CONTRIBUTING.md']) {
		for (const [, named] of read(page).matchAll(/`([\w./-]+\.(?:ts|mjs|h|cc|def))`/g)) {
			if (named === 'src/name.ts') continue; // of a recipe
			assert.ok(
				all.some((file) => file === named || file.endsWith(`/${named}`)),
				`${page} names ${named}`,
			);
		}
	}
});

test('comments keep to 120 columns, a tab counting four', () => {
	const files = ['src', 'native', 'scripts', 'test', 'examples', 'benchmarks'].flatMap((folder) => filesUnder(folder, ''));
	for (const file of files.filter((name) => /\.(ts|mjs|cc|h|def)$/.test(name) && !/node_modules|^native\/build\//.test(name))) {
		let isInside = false;
		for (const [index, line] of read(file).split('\n').entries()) {
			const isComment = isInside || /^\s*(\/\/|\/\*)/.test(line) || /[;,{)]\s+\/\/ /.test(line);
			isInside = (isInside || /^\s*\/\*/.test(line)) && !line.includes('*/');
			if (!isComment || /\/\/ (oxlint|oxfmt|@ts)-/.test(line)) continue;
			const columns = line.replaceAll('\t', '    ').length;
			assert.ok(columns <= 120, `${file}:${index + 1} has a comment that ends in column ${columns}`);
		}
	}
});

test('only native and the command line know the platform', () => {
	for (const file of sources) {
		if (layerOf(file) === 'native' || file.startsWith('src/cli/')) continue;
		assert.doesNotMatch(code(file), /process\.(platform|arch)\b/, `${file} looks at the platform`);
	}
	for (const file of natives) {
		if (file.startsWith('native/os/') || file.startsWith('native/test/')) continue;
		assert.doesNotMatch(read(file), /#\s*if\w*\s.*(__linux__|__APPLE__|_WIN32)/, `${file} looks at the platform`);
	}
});

test('only the two addons include Node’s headers', () => {
	for (const file of natives) {
		if (file.startsWith('native/bind/') || file.startsWith('native/mpi/')) continue;
		assert.doesNotMatch(read(file), /#include\s*[<"](node_api|js_native_api|node|v8)\.h/, `${file} includes a header of Node's`);
	}
});

test('the addon exports each function once, and TypeScript knows it', () => {
	const exported = natives.flatMap((file) => [...read(file).matchAll(/\bExport\(env, exports, "(\w+)"/g)].map((match) => match[1]!));
	assert.deepEqual(
		exported.filter((name, i) => exported.indexOf(name) !== i),
		[],
		'exported twice',
	);
	const contract = [...filesUnder('src/native', '-native.ts'), 'src/mpi/real/mpi-native.ts'].map(read).join('\n');
	const declared = new Set([...contract.matchAll(/^\t(?:readonly )?(\w+)\??[(<:]/gm)].map((match) => match[1]!));
	assert.deepEqual(
		exported.filter((name) => !declared.has(name)),
		[],
		'exported, but in no *-native.ts',
	);
});

test('time is asked of base/clock.ts alone: test tools replace what programs see', () => {
	const names = 'setTimeout|clearTimeout|setInterval|clearInterval|setImmediate|clearImmediate|queueMicrotask';
	for (const file of sources) {
		if (file === 'src/base/clock.ts') continue;
		const text = code(file);
		assert.doesNotMatch(
			text,
			/\b(performance|Date)\.now\b|\bhrtime\b|node:timers|\bperformance\b[^}]*\} from 'node:perf_hooks/,
			`${file} has a clock of its own`,
		);
		const imported = /import \{([^}]*)\} from '[./]*(?:base\/)?clock\.ts'/.exec(text)?.[1] ?? '';
		for (const [name] of text.matchAll(new RegExp(`(?<![\\w.])(${names})(?=\\()`, 'g'))) {
			assert.match(imported, new RegExp(`\\b${name}\\b`), `${file} calls the global ${name}`);
		}
	}
});

test('only native/load-binary.ts loads a .node file', () => {
	for (const file of sources) {
		if (file === 'src/native/load-binary.ts' || file.startsWith('src/cli/')) continue;
		assert.doesNotMatch(code(file), /\.node['"`]/, `${file} names a .node file`);
	}
});

test('no default exports, no top-level await, no `any`', () => {
	for (const file of sources) {
		const text = code(file);
		assert.doesNotMatch(text, /^export default|\bas default\b/m, `${file} has a default export`);
		assert.doesNotMatch(
			text,
			/^(await\b|(export )?(const|let) [^;]*?= await\b|for await\b)/m,
			`${file} awaits at its top level, so require() fails`,
		);
		assert.doesNotMatch(text, /(:|<|\bas|\|)\s*any\b/, `${file} uses any`);
	}
});

test('every error code is explained in docs/errors.md, and only those that exist', () => {
	const used = new Set(sources.flatMap((file) => code(file).match(/(?<=['"`])ERR_NPROCS_[A-Z0-9_]+(?=['"`])/g) ?? []));
	const explained = new Set(read('docs/errors.md').match(/(?<=^## `)ERR_NPROCS_[A-Z0-9_]+(?=`$)/gm) ?? []);
	assert.deepEqual(
		[...used].filter((name) => !explained.has(name)),
		[],
		'codes without a heading',
	);
	assert.deepEqual(
		[...explained].filter((name) => !used.has(name)),
		[],
		'headings without a code',
	);
});

for (const entry of entries()) {
	test(`import and require() of ${entry} give the same names`, () => {
		const names = (expression: string): string =>
			run(`console.log(Object.keys(${expression}).filter((n) => n !== 'module.exports').sort().join())`);
		const imported = names(`await import('${entry}')`);
		assert.ok(imported.length > 1);
		assert.equal(names(`(await import('node:module')).createRequire(process.cwd() + '/x.js')('${entry}')`), imported);
	});

	test(`what ${entry} exports has the names under which it is exported`, () => {
		const program = `for (const [name, value] of Object.entries(await import('${entry}')))
			if (typeof value === 'function' && value.name !== name) console.log(name, value.name);`;
		assert.equal(run(program), '');
	});

	test(`importing ${entry} starts nothing and opens nothing`, () => {
		const look = `({
			fds: fs.readdirSync('/proc/self/fd').length,
			children: fs.readdirSync('/proc/self/task').map((id) => fs.readFileSync('/proc/self/task/' + id + '/children', 'utf8')).join(''),
			threads: fs.readdirSync('/proc/self/task').length,
			handles: process.getActiveResourcesInfo().sort().join(),
			listeners: process.eventNames().map((name) => String(name) + process.listenerCount(name)).sort().join(),
		})`;
		const program = (what: string): string => `
			import fs from 'node:fs';
			import 'node:util'; // Node 22.15 and later open standard output for it
			// The loader itself uses libuv's thread pool; its requests must have ended.
			const settle = async () => { while (process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq)/.test(name))) await new Promise(setImmediate); };
			await Promise.all(Array.from({ length: 16 }, () => fs.promises.stat('/')));
			await settle();
			const before = ${look};
			await import('${what}');
			await settle();
			const after = ${look};
			console.log(JSON.stringify({ before, after }));`;
		const { before, after } = JSON.parse(run(program(entry))) as Record<'before' | 'after', unknown>;
		assert.deepEqual(after, before);
	});
}

function mayImport(table: Record<string, string[]>, room: string, other: string): boolean {
	return room === other || table[room]!.some((below) => mayImport(table, below, other));
}

function entries(): string[] {
	const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
	return Object.keys(exports)
		.filter((key) => key !== './package.json')
		.map((key) => `nprocs${key.slice(1)}`);
}

/** The code of an ESM program, run from the package's own folder, so that it finds the package by its name. */
function run(program: string): string {
	return execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' }).trim();
}

function importsOf(from: string): { from: string; to: string }[] {
	const specifiers = code(from).matchAll(
		/(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*'(\.[^']+)'|\bimport\s*\(\s*'(\.[^']+)'|^import\s+'(\.[^']+)'/gm,
	);
	return [...specifiers].map((match) => ({ from, to: normalize(join(dirname(from), (match[1] ?? match[2] ?? match[3])!)) }));
}

function groupByFrom(): Map<string, string[]> {
	const edges = new Map<string, string[]>();
	for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to]);
	return edges;
}

/** Files directly under src, and the command line, know all layers. */
function layerOf(file: string): string {
	const [, folder, ...rest] = file.split('/');
	return rest.length === 0 || folder === 'cli' ? 'entry' : folder!;
}

function filesUnder(folder: string, ending: string): string[] {
	return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith(ending))
		.map((name) => join(folder, name))
		.sort();
}

function read(file: string): string {
	return readFileSync(join(root, file), 'utf8');
}

/** Without comments, which may speak of what the code must not do. */
function code(file: string): string {
	return read(file)
		.replace(/\/\*[\s\S]*?\*\//g, '')
		.replace(/(^|\s)\/\/.*$/gm, '');
}
