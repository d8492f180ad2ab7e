/**
 * Two copies of the library in one program: a package brings its own. They agree on who the process is and which
 * children it has, a fork by one of them is one for both, and each starts processes by itself.
 *
 * Time limit: 240 s
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commandFor, methodsWithFreshMemory } from '../helpers/cases.ts';
import { Program, project } from '../helpers/programs.ts';

const repository = join(import.meta.dirname, '../../..');

const lib = `import { Event, Lock, Process, Queue, activeChildren, currentProcess, getStartMethod, isMain, parentProcess } from 'nprocs';
	export { Event, Lock, Process, Queue, activeChildren };
	export const who = (meta) => [currentProcess().name, parentProcess()?.name, isMain(meta), getStartMethod()].join(' ');
	export function task(x) { console.log('task', x, currentProcess().name); }
	export async function start(x) {
		const p = new Process({ target: task, args: [x] }).start();
		await p.join();
		console.log('exit code', p.exitCode);
	}
	export async function slow() { await new Promise((resolve) => setTimeout(resolve, 100)); console.log('slow', currentProcess().name); }
	export function startAndLeave() { new Process({ target: slow }).start(); }`;

async function run(main: string, command: readonly string[] = ['main.mjs']): Promise<{ exit: unknown; stdout: string; stderr: string }> {
	const folder = project({
		'main.mjs': main,
		'node_modules/lib/index.js': lib,
		'node_modules/lib/package.json': '{ "type": "module", "exports": "./index.js" }',
	});
	const copy = join(folder, 'node_modules/lib/node_modules/nprocs');
	mkdirSync(copy, { recursive: true });
	for (const part of ['dist', 'package.json', 'native/build/Release/nprocs.node'])
		cpSync(join(repository, part), join(copy, part), { recursive: true });
	for (const name of ['acorn', '@msgpack']) symlinkSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name));
	const program = new Program(command, { cwd: folder });
	const exit = await program.end();
	return { exit, stdout: program.stdout, stderr: program.stderr };
}

for (const method of methodsWithFreshMemory) {
	describe(method, () => {
		test('both know who the process is, start others, and join them at its end', async () => {
			const { exit, stdout, stderr } = await run(`import { Process, isMain, setStartMethod } from 'nprocs';
				import * as lib from 'lib';
				export async function work(queue) {
					console.log('child', lib.who(import.meta));
					await queue.put('from the child');
					globalThis.kept = [new lib.Queue(), queue];
					await kept[0].put(1);
					await lib.start(1);
					lib.startAndLeave();
				}
				if (isMain(import.meta)) {
					setStartMethod('${method}');
					console.log('copies', lib.Process !== Process);
					console.log('main', lib.who(import.meta));
					const queue = new lib.Queue();
					const p = new Process({ target: work, args: [queue] }).start();
					await p.join();
					console.log(p.exitCode, await queue.get(0));
					await new lib.Process({ target: lib.task, args: [3] }).start().join();
				}`);
			const lines = [
				'copies true',
				`main MainProcess  true ${method}`,
				`child Process-1 MainProcess false ${method}`,
				'task 1 Process-1:1',
				'exit code 0',
				'slow Process-1:2',
				'0 from the child',
				'task 3 Process-2',
			];
			assert.deepEqual([exit, stdout], [0, `${lines.join('\n')}\n`], stderr);
		});

		test('a missing guard is seen, whichever copy starts the process', async () => {
			const { exit, stdout, stderr } = await run(`import { setTimeout as sleep } from 'node:timers/promises';
				import { Process } from 'nprocs';
				import * as lib from 'lib';
				export function work() {}
				const depth = Number(process.env.DEPTH ?? 0);
				if (depth > 1) throw new Error('runaway');
				process.env.DEPTH = String(depth + 1);
				async function main() {
					await sleep(1);
					const p = new lib.Process({ target: work, context: '${method}' }).start();
					await p.join();
					console.log('exit code', p.exitCode, new Process().name);
				}
				main();`);
			assert.deepEqual([exit, stdout], [0, 'exit code 1 Process-2\n'], stderr);
			assert.match(stderr, /ERR_NPROCS_MISSING_GUARD/);
		});
	});
}

test('both know all children', async () => {
	const { exit, stdout, stderr } = await run(`import { Event, Process, activeChildren, isMain } from 'nprocs';
		import * as lib from 'lib';
		export const waits = (event) => event.wait();
		if (isMain(import.meta)) {
			const [own, others] = [new Event(), new lib.Event()];
			const children = [new Process({ target: waits, args: [own] }).start(), new lib.Process({ target: waits, args: [others] }).start()];
			for (const seen of [activeChildren(), lib.activeChildren()]) console.log(seen.length, children.every((child) => seen.includes(child)));
			own.set();
			others.set();
			for (const child of children) await child.join();
			console.log(activeChildren().length, lib.activeChildren().length);
		}`);
	assert.deepEqual([exit, stdout], [0, '2 true\n2 true\n0 0\n'], stderr);
});

test('a copy of the process that one of them has forked is one for both', async () => {
	const main = `import { Process, activeChildren, setStartMethod } from 'nprocs';
		import * as lib from 'lib';
		setStartMethod('fork');
		const held = new lib.Lock(); // by that copy, this thread is a participant
		await held.acquire();
		const event = new lib.Event();
		const first = new lib.Process({ target: () => event.wait() }).start();
		const second = new Process({ target: async () => {
			console.log(held.isMine(), lib.activeChildren().length, activeChildren().length, lib.who(import.meta));
			globalThis.kept = new lib.Lock();
		} }).start();
		await second.join();
		console.log(second.exitCode, held.isMine());
		event.set();
		await first.join();`;
	const { exit, stdout, stderr } = await run(main, commandFor('fork', 'main.mjs'));
	assert.deepEqual([exit, stdout], [0, 'false 0 0 Process-2 MainProcess false fork\n0 true\n'], stderr);
});

test('each of them forks in what the other one has forked, and in callbacks of timers', async () => {
	const main = `import { Process, currentProcess, setStartMethod } from 'nprocs';
		import * as lib from 'lib';
		setStartMethod('fork');
		async function run(P, target) {
			const p = new P({ target }).start();
			await p.join();
			console.log(p.name, p.exitCode);
		}
		const say = (what) => console.log(what, currentProcess().name, lib.who(import.meta));
		await run(Process, async () => {
			say('child');
			await run(lib.Process, async () => {
				say('grandchild');
				await run(Process, () => setTimeout(say, 1, 'its child, in a timer'));
			});
		});
		for (const [name, schedule] of Object.entries({ setTimeout, setImmediate, nextTick: process.nextTick }))
			await new Promise((resolve) => schedule(() => resolve(run(lib.Process, () => say(name)))));
		await run(Process, () => {
			setTimeout(() => new lib.Process({ target: () => setTimeout(say, 1, 'in a timer of a child') }).start(), 1);
		});`;
	const { exit, stdout, stderr } = await run(main, commandFor('fork', 'main.mjs'));
	const said = (what: string, name: string, parent: string): string => `${what} ${name} ${name} ${parent} false fork`;
	const lines = [
		said('child', 'Process-1', 'MainProcess'),
		said('grandchild', 'Process-1:1', 'Process-1'),
		said('its child, in a timer', 'Process-1:1:1', 'Process-1:1'),
		'Process-1:1:1 0',
		'Process-1:1 0',
		'Process-1 0',
		said('setTimeout', 'Process-2', 'MainProcess'),
		'Process-2 0',
		said('setImmediate', 'Process-3', 'MainProcess'),
		'Process-3 0',
		said('nextTick', 'Process-4', 'MainProcess'),
		'Process-4 0',
		said('in a timer of a child', 'Process-5:1', 'Process-5'),
		'Process-5 0',
	];
	assert.deepEqual([exit, stdout], [0, `${lines.join('\n')}\n`], stderr);
});
