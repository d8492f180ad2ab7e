/** What V8 does for a program beside its event loop: a child ends when none of it is left, as any Node process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, everyMethod } from '../helpers/cases.ts';
import { Program, project } from '../helpers/programs.ts';

const program = `
	import { setFlagsFromString } from 'node:v8';
	import { runInNewContext } from 'node:vm';
	import { Process, isMain, setStartMethod } from 'nprocs';

	const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
	const cell = new Int32Array(new SharedArrayBuffer(4));

	export async function compile() {
		for (let i = 1; i <= 5; i++) await WebAssembly.compile(empty);
		await WebAssembly.instantiate(empty);
		const many = await Promise.all(Array.from({ length: 20 }, () => WebAssembly.compile(empty)));
		const { name } = await WebAssembly.compile(new Uint8Array(4)).catch((error) => error);
		console.log('compile', many.length, name);
	}
	export async function wake() {
		setTimeout(() => Atomics.notify(cell, 0), 20);
		await Atomics.waitAsync(cell, 0, 0).value;
		console.log('wake');
	}
	/** Each object is collected because of the one before. */
	export async function collect() {
		setFlagsFromString('--expose-gc');
		const gc = runInNewContext('gc');
		globalThis.registry = new FinalizationRegistry((value) => {
			console.log('collect', value);
			if (value < 3) drop(value + 1);
		});
		const drop = (value) => {
			(() => registry.register({}, value))();
			setImmediate(gc);
		};
		drop(1);
	}
	export function afterwards() {
		process.once('beforeExit', () => {
			setTimeout(() => Atomics.notify(cell, 0), 5);
			void Atomics.waitAsync(cell, 0, 0).value.then(() => console.log('afterwards'));
		});
	}
	/** Node does not wait for this either: nobody would wake it. */
	export async function never() {
		process.on('exit', (code) => console.log('never', code));
		await Atomics.waitAsync(cell, 0, 0).value;
	}

	if (isMain(import.meta)) {
		setStartMethod(process.argv[2]);
		let woken = 0;
		void Atomics.waitAsync(cell, 0, 0).value.then(() => console.log('the parent', ++woken));
		Atomics.notify(cell, 0); // its task is the parent's, also when it is pending in the moment of a fork
		for (const target of [compile, wake, collect, afterwards, never]) {
			const child = new Process({ target }).start();
			await child.join();
			if (target !== never) console.log(child.exitCode);
		}
	}`;

for (const method of everyMethod) {
	test(`${method}: a child does not end before V8's own tasks are done`, async () => {
		const run = new Program(commandFor(method, 'main.mjs', method), { cwd: project({ 'main.mjs': program }) });
		assert.equal(await run.end(), 0, run.stderr);
		const lines = run.stdout.trim().split('\n');
		assert.deepEqual(
			lines.filter((line) => line.startsWith('the parent')),
			['the parent 1'],
		);
		assert.deepEqual(
			lines.filter((line) => !/^(the parent|never)/.test(line)),
			['compile 20 CompileError', '0', 'wake', '0', 'collect 1', 'collect 2', 'collect 3', '0', 'afterwards', '0'],
		);
		assert.match(run.stdout, /^never \d+$/m);
	});
}
