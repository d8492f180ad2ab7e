/** What else may lie in /dev/shm under the library's names: it is left alone, and named. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Lock, Queue } from 'nprocs';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import { newName, objectName, pathOf, registryName } from '#nprocs/memory/names.js';
import { nprocs } from '../helpers/nprocs-command.ts';
import { Program, project } from '../helpers/programs.ts';

const isRoot = process.getuid!() === 0;

const strange: Record<string, { make(path: string): void; isSkipped?: boolean; what: string; code?: string }> = {
	fifo: { make: (path) => void execFileSync('mkfifo', [path]), what: 'a FIFO' },
	folder: { make: (path) => mkdirSync(path), what: 'a folder' },
	link: { make: (path) => symlinkSync('/etc/passwd', path), what: 'a symbolic link' },
	dangling: { make: (path) => symlinkSync('/not/there', path), what: 'a symbolic link' },
	empty: { make: (path) => writeFileSync(path, ''), what: 'an empty file' },
	text: { make: (path) => writeFileSync(path, 'hello'.repeat(1000)), what: 'a file' },
	foreign: {
		make(path) {
			writeFileSync(path, 'x'.repeat(5000), { mode: 0o666 });
			chownSync(path, 65534, 65534);
		},
		isSkipped: !isRoot,
		what: 'a file of user 65534',
		code: 'ERR_NPROCS_NO_ACCESS',
	},
};

for (const [name, { make, isSkipped = false, what, code = 'ERR_NPROCS_BAD_SEGMENT' }] of Object.entries(strange)) {
	test(name, { skip: isSkipped && 'needs root' }, async () => {
		const [unnamed, named] = [newName(), objectName('Lock', `strange-${name}`)];
		for (const file of [unnamed, named]) make(pathOf(file));
		try {
			assert.ok(!collectGarbage().some((removed) => removed === unnamed || removed === named));
			assert.throws(() => new Lock({ name: `strange-${name}` }), { code });
			for (const command of ['shm', 'gc', 'ps', 'locks']) {
				const { code: exitCode, stderr, stdout } = nprocs(command);
				assert.equal(exitCode, 0, stderr);
				for (const file of [unnamed, named]) assert.ok(stderr.includes(`left alone: ${pathOf(file)} is ${what},`), `${command}: ${stderr}`);
				assert.doesNotMatch(stdout, new RegExp(`${unnamed}|${named}`));
			}
			using queue = new Queue<string>();
			await queue.put('works');
			assert.equal(await queue.get(), 'works');
			for (const file of [unnamed, named]) assert.ok(lstatSync(pathOf(file)), 'it is still there');
		} finally {
			for (const file of [unnamed, named]) rmSync(pathOf(file), { recursive: true, force: true });
		}
	});

	test(`${name}, where the registry should be`, { skip: isSkipped && 'needs root' }, async () => {
		const folder = project({
			'main.mjs': `import { Event } from 'nprocs';
				try { new Event(); console.log('made'); } catch (error) { console.log(error.code, error.message); }`,
		});
		const path = pathOf(registryName().replace(/^(nprocs-\d+-)\w+/, '$1strangers'));
		make(path);
		try {
			const program = new Program([`${folder}/main.mjs`], { env: { NPROCS_NAMESPACE: 'strangers' } });
			assert.equal(await program.end(), 0, program.stderr);
			assert.ok(program.stdout.startsWith(code), program.stdout);
			assert.ok(existsSync(path) || lstatSync(path).isSymbolicLink());
		} finally {
			rmSync(path, { recursive: true, force: true });
		}
	});
}

test('what a link refers to is neither read nor removed', () => {
	const name = newName();
	const target = `${project({ 'target.txt': 'untouched' })}/target.txt`;
	symlinkSync(target, pathOf(name));
	try {
		collectGarbage();
		assert.equal(readFileSync(target, 'utf8'), 'untouched');
		assert.ok(lstatSync(pathOf(name)).isSymbolicLink());
	} finally {
		rmSync(pathOf(name));
	}
});

test('programs of other namespaces are not looked at', async () => {
	const folder = project({
		'main.mjs': `import { Lock } from 'nprocs';
			const lock = new Lock({ name: 'elsewhere' });
			console.log('made');
			process.kill(process.pid, 'SIGKILL');`,
	});
	const run = async (namespace: string): Promise<Program> => {
		const program = new Program([`${folder}/main.mjs`], { env: { NPROCS_NAMESPACE: namespace } });
		assert.equal(await program.line(), 'made');
		await program.end();
		return program;
	};
	const name = objectName('Lock', 'elsewhere').replace(/^(nprocs-\d+-)\w+/, '$1other');
	await run('other');
	assert.ok(existsSync(pathOf(name)));
	collectGarbage();
	assert.ok(!listNames().includes(name));
	assert.ok(existsSync(pathOf(name)), "another namespace's garbage is its own");
	execFileSync(process.execPath, ['-e', "require('nprocs'); new (require('nprocs').Lock)({ name: 'elsewhere' }).close()"], {
		cwd: folder,
		env: { ...process.env, NPROCS_NAMESPACE: 'other' },
	});
	assert.ok(!existsSync(pathOf(name)));
});
