import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { nprocs } from '../helpers/nprocs-command.ts';

const fixtures = join(import.meta.dirname, '../fixtures/cli');
const teller = join(fixtures, 'tell-about-yourself.js');
const main = join(import.meta.dirname, '../../../dist/cli/main.js');

interface Told {
	pid: number;
	execArgv: string[];
	argv: string[];
}

const firstLine = (text: string): Told => JSON.parse(text.split('\n', 1)[0]!) as Told;

test('the program runs in a Node without helper threads, with its own arguments and exit code', () => {
	for (const args of [['run'], ['run', '--']]) {
		const { code, stdout, stderr } = nprocs(...args, teller, '7', '--help', '--', '-x');
		assert.equal(stderr, '');
		assert.equal(code, 7);
		const told = firstLine(stdout);
		assert.deepEqual(told.argv, ['7', '--help', '--', '-x']);
		assert.ok(told.execArgv.includes('--single-threaded') && told.execArgv.includes('--v8-pool-size=1'));
	}
});

test('options for Node are passed on', () => {
	const { stdout } = nprocs('run', '--node-option=--stack-size=900', '--node-option=--no-warnings', teller, '0');
	const { execArgv } = firstLine(stdout);
	assert.ok(execArgv.includes('--stack-size=900') && execArgv.includes('--no-warnings'));
});

test('the command becomes the program: one process, same standard streams', async () => {
	const child = spawn(process.execPath, [main, 'run', teller, '0'], { stdio: ['pipe', 'pipe', 'inherit'] });
	child.stdin.end('hello');
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
	await once(child, 'close');
	assert.equal(firstLine(output).pid, child.pid);
	assert.match(output, /stdin: hello/);
});

test('a signal ends the program itself', async () => {
	const child = spawn(process.execPath, [main, 'run', join(fixtures, 'end-by-signal.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
	await once(child.stdout, 'data');
	child.kill('SIGTERM');
	assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
});

test('the program may use every start method; only itself and what it forks may fork', () => {
	const { code, stdout, stderr } = nprocs('run', join(fixtures, 'start-by-each-method.js'));
	assert.equal(stderr, '');
	assert.equal(code, 0);
	assert.deepEqual(stdout.trim().split('\n'), [
		'main: fork forkserver spawn',
		'spawn: forkserver spawn',
		'forkserver: forkserver spawn',
		'fork: fork forkserver spawn',
	]);
});
