/** Janitors that look at the same files at once. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addon } from '#nprocs/native/addon.js';
import { listNames } from '#nprocs/memory/janitor.js';
import { pathOf } from '#nprocs/memory/names.js';
import { nprocs } from '../helpers/nprocs-command.ts';
import { Program, project } from '../helpers/programs.ts';

const cli = join(import.meta.dirname, '../../../dist/cli/main.js');

test('a file that another one is about to remove keeps nothing alive: it is waited for', async () => {
	const folder = project({
		'main.mjs': `import { Lock, Queue } from 'nprocs';
			const queue = new Queue();
			queue.putSync(new Lock({ name: 'carried' }));
			process.kill(process.pid, 'SIGKILL');`,
	});
	await new Program(['main.mjs'], { cwd: folder }).end();
	const left = JSON.parse(nprocs('shm', '--json').stdout) as { name: string; kind: string }[];
	const [channel, carried] = ['Queue', 'Lock'].map((kind) => left.find((one) => one.kind === kind)!.name) as [string, string];
	const alone = addon().openExclusive(pathOf(channel));
	assert.ok(alone >= 0);
	const gc = new Program([cli, 'gc', '--json']);
	while (!openFiles(gc.pid).includes(pathOf(channel))) {
		assert.equal(gc.child.exitCode, null, `it has not waited: ${gc.stdout}`);
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	unlinkSync(pathOf(channel));
	addon().closeFd(alone);
	assert.equal(await gc.end(), 0, gc.stderr);
	assert.ok((JSON.parse(gc.stdout) as string[]).includes(carried), gc.stdout);
	assert.deepEqual(listNames(), []);
});

function openFiles(pid: number): string[] {
	try {
		return readdirSync(`/proc/${pid}/fd`).map((fd) => {
			try {
				return readlinkSync(`/proc/${pid}/fd/${fd}`);
			} catch {
				return ''; // it has been closed
			}
		});
	} catch {
		return []; // it has ended
	}
}
