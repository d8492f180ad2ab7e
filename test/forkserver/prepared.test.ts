/** What the forkserver does ahead of starts changes nothing that a program can see. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor } from '../helpers/cases.ts';
import { Program, project } from '../helpers/programs.ts';

async function outputOf(files: Record<string, string>, ...args: string[]): Promise<string> {
	const folder = project(files);
	const program = new Program([`${folder}/main.mjs`, ...args]);
	assert.equal(await program.end(), 0, program.stderr);
	assert.equal(program.stderr, '');
	return program.stdout;
}

test('functions of every kind are targets, again and again', async () => {
	const kinds = {
		plain: 'function plain() { console.log("plain"); }',
		arrow: 'const arrow = () => console.log("arrow");',
		asynchronous: 'async function asynchronous() { await null; console.log("asynchronous"); }',
		generator: 'function* generator() { console.log("never: nobody iterates"); }',
		bound: 'const bound = console.log.bind(console, "bound");',
		proxied: 'const proxied = new Proxy(() => console.log("proxied"), {});',
		asm: 'function asm() { "use asm"; function f() { return 1; } return { f: f }; }',
		late: 'function late() { const inner = () => console.log("late"); inner(); }',
	};
	// What has no source of its own cannot be found by the function itself, but the class that has it can.
	const text = `
		import { Process, isMain } from 'nprocs';
		${Object.values(kinds).join('\n')}
		export { ${Object.keys(kinds).join(', ')} };
		export class Holder { static method() { console.log('static method'); } }
		export class Sub extends Process { async run() { console.log('run'); } }
		export class Odd extends Process { get run() { return () => console.log('run of a getter'); } }
		export class Bound extends Process {}
		Bound.prototype.run = bound;
		if (isMain(import.meta)) {
			for (let i = 0; i < 4; i++) {
				for (const target of [plain, arrow, asynchronous, generator, asm, late, Holder.method]) {
					const child = new Process({ target }).start();
					await child.join();
					if (child.exitCode !== 0) console.log(target.name, child.exitCode);
				}
				for (const Class of [Sub, Odd, Bound]) {
					const child = new Class().start();
					await child.join();
					if (child.exitCode !== 0) console.log(Class.name, child.exitCode);
				}
			}
		}`;
	const once = ['plain', 'arrow', 'asynchronous', 'late', 'static method', 'run', 'run of a getter', 'bound', ''].join('\n');
	assert.equal(await outputOf({ 'main.mjs': text }), once.repeat(4));
});

test('the environment of a start is that of the program, also when another object stands for it', async () => {
	const text = `
		import { Process, isMain } from 'nprocs';
		export function show() { console.log(process.env.ROUND, process.env.OTHER); }
		const run = async () => { const child = new Process({ target: show }).start(); await child.join(); };
		if (isMain(import.meta)) {
			for (let i = 0; i < 4; i++) { process.env.ROUND = i; await run(); }
			delete process.env.ROUND;
			await run();
			const own = process.env;
			process.env = { ...own, OTHER: 'plain' };
			for (let i = 0; i < 3; i++) { process.env.ROUND = String(i); await run(); }
			process.env = Object.freeze({ ...own, OTHER: 'frozen' });
			await run();
			process.env = new Proxy({ ...own, OTHER: 'proxy' }, {});
			for (let i = 0; i < 3; i++) { process.env.ROUND = String(i); await run(); }
			process.env = own;
			await run();
		}`;
	const plain = [0, 1, 2, 3].map((i) => `${i} undefined\n`).join('');
	const replaced = (kind: string): string => [0, 1, 2].map((i) => `${i} ${kind}\n`).join('');
	const gone = 'undefined undefined\n';
	assert.equal(await outputOf({ 'main.mjs': text }), `${plain}${gone}${replaced('plain')}undefined frozen\n${replaced('proxy')}${gone}`);
});

test('how the program itself ends under `nprocs run`, where it can be copied, is as without it', async () => {
	const folder = project({ 'main.mjs': "process.on('exit', (code) => console.log('exit', code));\nawait new Promise(() => {});" });
	const plain = new Program([`${folder}/main.mjs`]);
	const copied = new Program(commandFor('fork', `${folder}/main.mjs`));
	assert.equal(await plain.end(), 13);
	assert.equal(await copied.end(), 13);
	assert.equal(copied.stdout, plain.stdout);
});
