/**
 * The library in parts: which of them a program loads, that a message brings along what it needs, and what is said when
 * a part cannot be loaded.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Program, project } from '../helpers/programs.ts';

const root = join(import.meta.dirname, '../../..');

/** The code of a program → what it prints with each `show(what)`: the parts that it has loaded by then. */
async function partsOf(code: string): Promise<Record<string, string[]>> {
	const folder = project({
		'main.mjs': `
			import { createRequire } from 'node:module';
			import * as nprocs from 'nprocs';
			const { cache } = createRequire(import.meta.url);
			const loaded = () => Object.keys(cache).flatMap((path) => /nprocs-(\\w+)\\.cjs$/.exec(path)?.[1] ?? []).sort();
			const show = (what, parts = loaded()) => console.log(JSON.stringify([what, parts]));
			const atImport = loaded();
			export function nothing() {}
			if (nprocs.isMain(import.meta)) {
				${code}
			}`,
	});
	const program = new Program([`${folder}/main.mjs`]);
	after(() => program.child.kill('SIGKILL'));
	assert.equal(await program.end(), 0, program.stderr);
	return Object.fromEntries(
		program.stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as [string, string[]]),
	);
}

describe('which parts a program loads', () => {
	test('importing loads none, a queue and a process theirs', async () => {
		const shown = await partsOf(`
			show('import', atImport);
			const queue = new nprocs.Queue();
			queue.putSync({ a: 1 });
			show('queue');
			const child = new nprocs.Process({ target: nothing, args: [queue] }).start();
			child.joinSync();
			show('process');`);
		assert.deepEqual(shown, { import: [], queue: ['channel', 'ground', 'process'], process: ['channel', 'ground', 'process'] });
	});

	test('a target that its own declaration exports needs no parser', async () => {
		const shown = await partsOf(`
			new nprocs.Process({ target: nothing }).start().joinSync();
			show('acorn', Object.keys(cache).filter((path) => path.includes('/acorn/')));`);
		assert.deepEqual(shown, { acorn: [] });
	});

	test('pools and managers load theirs', async () => {
		const shown = await partsOf(`
			const pool = new nprocs.Pool(1);
			await pool.apply(nothing, []);
			await pool.close();
			show('pool');
			const manager = await new nprocs.SyncManager().start();
			await (await manager.dict()).set('a', 1);
			await manager.shutdown();
			show('manager');`);
		assert.deepEqual(shown['pool'], ['channel', 'ground', 'pool', 'process', 'task']);
		assert.ok(shown['manager']!.includes('manager'));
	});
});

test('what a message carries is opened where nothing of its part was used before', async () => {
	const folder = project({
		'child.mjs': `
			export async function use(queue) {
				const proxy = await queue.get();
				await proxy.set('from', 'the child');
				const connection = await queue.get();
				await connection.send('hello');
			}`,
		'main.mjs': `
			import { Listener, Process, Queue, SyncManager, connect, isMain } from 'nprocs';
			import { use } from './child.mjs';
			if (isMain(import.meta)) for (const context of ['spawn', 'forkserver']) {
				const queue = new Queue();
				const child = new Process({ target: use, args: [queue], context }).start();
				const manager = await new SyncManager().start();
				const dict = await manager.dict();
				await queue.put(dict);
				const listener = await new Listener().listen();
				const [own, theirs] = await Promise.all([listener.accept(), connect(listener.address)]);
				await queue.put(theirs);
				console.log(await own.recv(), await dict.get('from'));
				await child.join();
				console.log(child.exitCode);
				own.close();
				theirs.close();
				listener.close();
				await manager.shutdown();
			}`,
	});
	const program = new Program([`${folder}/main.mjs`]);
	after(() => program.child.kill('SIGKILL'));
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stdout, 'hello the child\n0\n'.repeat(2));
});

describe('a part that cannot be loaded', () => {
	const folder = mkdtempSync(join(tmpdir(), 'parts-'));
	const copy = join(folder, 'node_modules/nprocs');
	const part = join(copy, 'dist/nprocs-ground.cjs');
	for (const name of ['package.json', 'dist', 'native/build/Release/nprocs.node']) cpSync(join(root, name), join(copy, name), { recursive: true });
	after(() => rmSync(folder, { recursive: true, force: true }));

	function failure(): string {
		writeFileSync(
			join(folder, 'main.mjs'),
			`import { Queue } from 'nprocs'; try { new Queue(); } catch (error) { console.log(error.name, error.code, error.message); }`,
		);
		return spawnSync(process.execPath, [join(folder, 'main.mjs')], { encoding: 'utf8' }).stdout;
	}

	test('because it is missing', () => {
		renameSync(part, `${part}.away`);
		assert.match(failure(), /^NprocsError ERR_NPROCS_MISSING_DEPENDENCY Cannot load nprocs-ground\.cjs of nprocs: .*not complete/);
		renameSync(`${part}.away`, part);
	});

	test('because it has been replaced by another build’s', () => {
		writeFileSync(part, readFileSync(part, 'utf8').replace(/exports\.build = "\w+"/, 'exports.build = "another"'));
		assert.match(failure(), /^NprocsError ERR_NPROCS_MISSING_DEPENDENCY Cannot load nprocs-ground\.cjs of nprocs: it belongs to another build/);
	});
});
