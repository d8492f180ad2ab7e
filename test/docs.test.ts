/**
 * The programs in README.md and docs/ are compiled and run, and print what stands below them.
 *
 * A program is a block of TypeScript with `isMain(import.meta)`, or one that names `nprocs mpiexec -n N`, by which it
 * is run; the plain block that follows it is what it prints. There, `…` is any text, and a number of four digits and
 * more is any number. Ranks print their lines in any order. A block that begins with `// name.ts` is a module for the
 * programs of its page. Time limit: 300 s
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

interface Program {
	/** Its file, without the ending, inside of the folder. */
	file: string;
	/** What comes before its file on the command line. */
	command: string[];
	isJob: boolean;
	printed: string | undefined;
}

const root = join(import.meta.dirname, '../..');
/** Inside of the package, whose own name can then be imported. */
const folder = mkdtempSync(join(root, 'build/docs-'));
const { differences } = (await import(pathToFileURL(join(root, 'scripts/test-runner/expected-output.mjs')).href)) as {
	differences: (expected: string, printed: string) => string[];
};

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
const programs = new Map(pages.map((page) => [page, extract(page)]));

before(() => {
	const compilerOptions = { rootDir: '.', outDir: '.', declaration: false, declarationMap: false, sourceMap: false };
	writeFileSync(
		join(folder, 'tsconfig.json'),
		JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['**/*.ts'], exclude: [] }),
	);
	execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
});

after(() => rmSync(folder, { recursive: true }));

test('the README and the page on processes have programs', () => {
	for (const page of ['README.md', 'docs/processes.md']) assert.notEqual(programs.get(page)!.length, 0, page);
});

for (const [page, found] of programs) {
	if (found.length === 0) continue;
	describe(page, () => {
		for (const { file, command: before, isJob, printed } of found) {
			test(basename(file), () => {
				const command = [...before, join(folder, `${file}.js`)];
				const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
				assert.equal(status, 0, stderr);
				if (printed === undefined) return;
				const expected = printed.replaceAll('…', '<any>').replaceAll(/\b\d{4,}\b/g, '<int>');
				assert.deepEqual(differences(isJob ? `# any order\n${expected}` : expected, stdout), []);
			});
		}
	});
}

/** Writes the modules and programs of a page into a folder of its own. */
function extract(page: string): Program[] {
	const name = page.replace(/\.md$/, '').replaceAll('/', '-');
	mkdirSync(join(folder, name));
	const found: Program[] = [];
	for (const [, language, code, , printed] of readFileSync(join(root, page), 'utf8').matchAll(
		/^```(\w*)\n([^]*?)^```\n(\n```\n([^]*?)^```\n)?/gm,
	)) {
		if (language !== 'ts') continue;
		const module = /^\/\/ (\w+\.ts)\b/.exec(code!)?.[1];
		const ranks = /nprocs mpiexec -n (\d+)/.exec(code!)?.[1];
		const isProgram = code!.includes('isMain(import.meta)') || ranks !== undefined;
		if (!isProgram && module === undefined) continue;
		const file = join(name, module === undefined ? `program-${found.length + 1}` : basename(module, '.ts'));
		writeFileSync(join(folder, `${file}.ts`), code!);
		if (isProgram) found.push({ file, command: commandFor(code!, ranks), isJob: ranks !== undefined, printed });
	}
	return found;
}

function commandFor(code: string, ranks: string | undefined): string[] {
	const nprocs = join(root, 'dist/cli/main.js');
	if (ranks !== undefined) return [nprocs, 'mpiexec', '-n', ranks, ...(code.includes('nprocs mpi-pool') ? ['nprocs', 'mpi-pool'] : [])];
	return code.includes('nprocs run') ? [nprocs, 'run'] : [];
}
