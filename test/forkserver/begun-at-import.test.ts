/**
 * Modules that begin something when they are imported and do not bring it to an end: with a forkserver they work as by
 * spawn. And those that leave nothing that a fork would spoil are imported in it, once.
 *
 * Time limit: 600 s
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { Program, project } from '../helpers/programs.ts';

/**
 * Prints, for each of three processes, what the target finds, and whether the module was imported in the process
 * itself.
 */
function programWith(module: string): string {
	return `
		import { Process, isMain } from 'nprocs';
		const importedBy = process.pid;
		${module}
		export async function target(n) {
			console.log(n, String(await use(n)), importedBy === process.pid);
		}
		if (isMain(import.meta)) {
			const processes = [1, 2, 3].map((n) => new Process({ target, args: [n] }).start());
			for (const p of processes) {
				await p.join();
				if (p.exitCode !== 0) console.log('exit code', p.exitCode);
			}
			process.exit();
		}`;
}

async function outcomes(module: string, env: Record<string, string> = {}): Promise<string[]> {
	const folder = project({ 'main.mjs': programWith(module), 'other.mjs': 'export const value = 5;', 'setting.txt': 'text' });
	execFileSync('mkfifo', ['fifo'], { cwd: folder });
	const run = new Program(['main.mjs'], { cwd: folder, env });
	assert.equal(await run.end(), 0, run.stderr);
	return run.stdout.trim().split('\n').toSorted();
}

/** Each: the module's code, and what the target finds. */
const harmless: Record<string, [code: string, found: string]> = {
	'a file that is read': [
		`import { readFile } from 'node:fs/promises';
		const text = readFile(new URL('setting.txt', import.meta.url), 'utf8');
		const use = () => text;`,
		'text',
	],
	'a command that is run': [
		`import { exec } from 'node:child_process';
		const output = new Promise((resolve) => exec('echo abc', (_, out) => resolve(out.trim())));
		const use = () => output;`,
		'abc',
	],
	'a module that is imported': [
		`const other = import('./other.mjs');
		const use = async () => (await other).value;`,
		'5',
	],
	'a hash in a thread of the pool': [
		`import { scrypt } from 'node:crypto';
		const hash = new Promise((resolve) => scrypt('a', 'b', 8, (_, key) => resolve(key.length)));
		const use = () => hash;`,
		'8',
	],
	timers: [
		`const later = new Promise((resolve) => setTimeout(resolve, 300, 'later'));
		setInterval(() => {}, 1e6).unref();
		const use = () => later;`,
		'later',
	],
	'an open file': [
		`import { openSync, readSync } from 'node:fs';
		const fd = openSync(new URL('setting.txt', import.meta.url));
		const use = () => readSync(fd, Buffer.alloc(4), 0, 4, 0);`,
		'4',
	],
	'a watched file': [
		`import { once } from 'node:events';
		import { watch, writeFileSync } from 'node:fs';
		const file = new URL('setting.txt', import.meta.url);
		const watcher = watch(file);
		const use = async () => {
			const change = once(watcher, 'change');
			writeFileSync(file, 'changed');
			await change;
			watcher.close();
			return 'changed';
		};`,
		'changed',
	],
	'a watched file that is gone': [
		`import { rmSync, watch, writeFileSync } from 'node:fs';
		const file = new URL('gone-' + process.pid, import.meta.url);
		writeFileSync(file, '');
		watch(file).unref();
		rmSync(file);
		const use = () => 'here';`,
		'here',
	],
	'WebAssembly that is compiled': [
		`const compiled = WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
		const use = async () => (await compiled) instanceof WebAssembly.Module;`,
		'true',
	],
};

for (const [name, [code, found]] of Object.entries(harmless)) {
	test(`${name}: done in the forkserver, once`, async () => {
		assert.deepEqual(
			await outcomes(code),
			[1, 2, 3].map((n) => `${n} ${found} false`),
		);
	});
}

/** A server that says who asks, in a process of its own: a forkserver imports while its client blocks. */
const echo = new Program([
	'-e',
	`const http = require('node:http'), net = require('node:net');
	const web = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => response.end(request.url));
	const lines = net.createServer((socket) => socket.on('error', () => {}).on('data', (data) => setTimeout(() => socket.write(data), 10)));
	web.listen(0, '127.0.0.1', () => lines.listen(0, '127.0.0.1', () => console.log(web.address().port, lines.address().port)));`,
]);
after(() => echo.child.kill());
const ports = echo.line().then((line) => {
	const [web, lines] = line.split(' ') as [string, string];
	return { WEB: `http://127.0.0.1:${web}`, LINES: lines };
});

const unshareable: Record<string, [code: string, found: string]> = {
	'a Worker': [
		`import { Worker } from 'node:worker_threads';
		const worker = new Worker("require('worker_threads').parentPort.on('message', function (m) { this.postMessage(m * 2); })", { eval: true });
		worker.unref();
		const use = (n) => new Promise((resolve) => {
			worker.once('message', (m) => resolve(m / n)).ref();
			worker.postMessage(n);
		}).finally(() => worker.unref());`,
		'2',
	],
	'a connection that is kept alive': [
		`await (await fetch(process.env.WEB)).text();
		const use = async (n) => {
			for (let i = 0; i < 20; i++) if (await (await fetch(\`\${process.env.WEB}/\${n}-\${i}\`)).text() !== \`/\${n}-\${i}\`) return 'wrong';
			return 'right';
		};`,
		'right',
	],
	'a client that connects': [
		`import { connect } from 'node:net';
		const socket = connect(Number(process.env.LINES), '127.0.0.1');
		socket.unref();
		const use = (n) => new Promise((resolve) => {
			socket.ref();
			socket.write(String(n));
			socket.once('data', (data) => resolve(Number(data) === n));
		}).finally(() => socket.destroy());`,
		'true',
	],
	'a server': [
		`import { createServer } from 'node:net';
		const server = createServer().listen(0).unref();
		const use = () => server.listening || new Promise((resolve) => server.once('listening', () => resolve(true)));`,
		'true',
	],
	'a process': [
		`import { spawn } from 'node:child_process';
		const cat = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
		const use = (n) => new Promise((resolve) => {
			cat.stdin.end(String(n));
			cat.stdout.once('data', (data) => resolve(Number(data) === n));
		});
		if (isMain(import.meta)) cat.kill();`,
		'true',
	],
	'a request that waits for others': [
		`import { openSync } from 'node:fs';
		import { open } from 'node:fs/promises';
		const fifo = new URL('fifo', import.meta.url);
		const opened = isMain(import.meta) ? undefined : open(fifo);
		const use = async () => {
			openSync(fifo, 'w');
			return (await opened).fd > 0;
		};`,
		'true',
	],
};

describe('left to the processes', () => {
	for (const [name, [code, found]] of Object.entries(unshareable)) {
		test(name, async () => {
			assert.deepEqual(
				await outcomes(code, await ports),
				[1, 2, 3].map((n) => `${n} ${found} true`),
			);
		});
	}

	test('also when it was to be imported before all others, and for the processes of processes', async () => {
		const folder = project({
			'opens.mjs': `import { createServer } from 'node:net';
				import { Process } from 'nprocs';
				const importedBy = process.pid;
				createServer().listen(0).unref();
				export async function target(depth) {
					console.log(importedBy === process.pid, process.ppid);
					if (depth > 1) await new Process({ target, args: [depth - 1] }).start().join();
				}`,
			'main.mjs': `import { Process, isMain, setForkserverPreload } from 'nprocs';
				setForkserverPreload([new URL('opens.mjs', import.meta.url).href]);
				import { target } from './opens.mjs';
				if (isMain(import.meta)) {
					for (let i = 0; i < 2; i++) await new Process({ target, args: [2] }).start().join();
					process.exit();
				}`,
		});
		const run = new Program(['main.mjs'], { cwd: folder });
		assert.equal(await run.end(), 0, run.stderr);
		const lines = run.stdout.trim().split('\n');
		assert.equal(lines.length, 4);
		const [first] = lines;
		assert.match(first!, /^true \d+$/);
		assert.deepEqual(
			lines,
			Array.from({ length: 4 }, () => first),
		); // all by one forkserver
	});
});

test('a TLS client in the first children, while Node loads root certificates', async () => {
	const folder = project({
		'main.mjs': `import { readFileSync } from 'node:fs';
			import https from 'node:https';
			import { Process, isMain, setStartMethod } from 'nprocs';
			export const target = (port) => new Promise((done) => https.get({ port, rejectUnauthorized: false }, (response) => response.resume().on('end', done)));
			if (isMain(import.meta)) {
				setStartMethod(process.argv[2]);
				const server = https.createServer({ key: readFileSync('key.pem'), cert: readFileSync('cert.pem') }, (_, response) => response.end('ok'));
				await new Promise((resolve) => server.listen(0, resolve));
				for (let i = 0; i < 4; i++) {
					const child = new Process({ target, args: [server.address().port] }).start();
					await child.join();
					console.log(child.exitCode);
				}
				process.exit();
			}`,
	});
	const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=localhost'];
	execFileSync('openssl', certificate, { cwd: folder, stdio: 'ignore' });
	for (const command of [
		['main.mjs', 'forkserver'],
		[`${folder}/node_modules/nprocs/dist/cli/main.js`, 'run', 'main.mjs', 'fork'],
	]) {
		const run = new Program(command, { cwd: folder });
		assert.equal(await run.end(), 0, run.stderr);
		assert.equal(run.stdout, '0\n0\n0\n0\n');
	}
});
