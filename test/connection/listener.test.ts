import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, chmodSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { test, after, mock } from 'node:test';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { connect, connectSync, Listener, Pipe, Queue, wait, waitSync, type Connection, type Wait } from 'nprocs';
import { collectGarbage } from '#nprocs/memory/janitor.js';

after(() => collectGarbage());

const folder = mkdtempSync(join(tmpdir(), 'nprocs-test-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
const families = {
	unix: () => join(folder, `s${count++}`),
	abstract: () => `\0nprocs-test-${process.pid}-${count++}`,
	tcp: () => ({ host: '127.0.0.1', port: 0 }),
	default: () => undefined,
};

/** A listener, and both ends of one connection to it. */
async function meet(
	options: { authkey?: string } = {},
	address: ReturnType<(typeof families)[keyof typeof families]> = undefined,
): Promise<[Listener, Connection<unknown>, Connection<unknown>]> {
	const listener = await new Listener(address, options).listen();
	const [server, client] = await Promise.all([listener.accept(), connect(listener.address!, options)]);
	return [listener, server, client];
}

/** Not `once`, which rejects when the socket is reset: a server that drops a client while it writes may do that. */
function closed(socket: Socket): Promise<unknown> {
	return new Promise((resolve) => socket.once('close', resolve));
}

function closeAll(...all: { close(): void }[]): void {
	for (const one of all) one.close();
}

for (const [family, address] of Object.entries(families)) {
	test(`${family}: values and bytes go both ways, with a key and without`, async () => {
		for (const options of [{}, { authkey: 'a key' }, { authkey: '' }]) {
			const [listener, server, client] = await meet(options, address());
			await client.send([1, 2.25, null, undefined, new Map([[1, new Date(0)]])]);
			assert.deepEqual(await server.recv(), [1, 2.25, null, undefined, new Map([[1, new Date(0)]])]);
			server.sendSync(1729);
			assert.equal(client.recvSync(), 1729);
			await client.sendBytes(Buffer.from('hello'), 1, 3);
			assert.equal((await server.recvBytes()).toString(), 'ell');
			await client.sendBytes(Buffer.alloc(0));
			assert.equal(await server.poll(5000), true);
			assert.equal((await server.recvBytes()).length, 0);
			assert.equal(await server.poll(), false);
			if (family === 'tcp') assert.equal((listener.lastAccepted as { host: string }).host, '127.0.0.1');
			closeAll(client, server, listener);
			await assert.rejects(listener.accept(), { code: 'ERR_NPROCS_CLOSED' });
		}
	});
}

test('a message of 16 MiB, larger than any buffer, and its end', async () => {
	const [listener, server, client] = await meet({ authkey: 'k' });
	const large = randomBytes(16 * 1024 * 1024);
	const sent = client.sendBytes(large);
	assert.ok((await server.recvBytes()).equals(large));
	await sent;
	const echoed = server.send({ large });
	assert.ok(((await client.recv()) as { large: Buffer }).large.equals(large));
	await echoed;
	const pending = server.recv();
	client.close();
	await assert.rejects(pending, { code: 'ERR_NPROCS_EOF' });
	await assert.rejects(client.recv(), { code: 'ERR_NPROCS_CLOSED' });
	assert.throws(() => server.recvSync(), { code: 'ERR_NPROCS_EOF' });
	await assert.rejects(
		async () => {
			for (;;) await server.send(1);
		},
		{ code: 'ERR_NPROCS_BROKEN_PIPE' },
	);
	closeAll(server, listener);
});

test('what a client has sent before it was accepted and after it is gone is received', async () => {
	const listener = await new Listener().listen();
	const client = await connect(listener.address!);
	await client.send('hello');
	client.close();
	const server = await listener.accept();
	assert.equal(await server.recv(), 'hello');
	closeAll(server, listener);
});

test('timeouts, signals, and the order of those who wait', async () => {
	const [listener, server, client] = await meet();
	await assert.rejects(server.recv(20), { code: 'ERR_NPROCS_TIMEOUT' });
	assert.throws(() => server.recvSync(0), { code: 'ERR_NPROCS_TIMEOUT' });
	const control = new AbortController();
	const aborted = server.recv(control.signal);
	const [first, second] = [server.recv(), server.recv()];
	control.abort(new Error('enough'));
	await assert.rejects(aborted, /enough/);
	await client.send(1);
	await client.send(2);
	assert.deepEqual(await Promise.all([first, second]), [1, 2]);
	await assert.rejects(listener.accept(20), { code: 'ERR_NPROCS_TIMEOUT' });
	// Nobody reads: the sender's time is up, and a message of which nothing was sent is not sent later.
	const filler = Buffer.alloc(1 << 20);
	let sent = 0;
	await assert.rejects(
		async () => {
			for (;;) {
				await client.send(filler, 50);
				sent++;
			}
		},
		{ code: 'ERR_NPROCS_TIMEOUT' },
	);
	await Promise.all([
		client.send('last'),
		(async () => {
			for (let i = 0; i < sent; i++) assert.equal(((await server.recv()) as Uint8Array).length, filler.length);
			assert.equal(await server.recv(), 'last');
		})(),
	]);
	closeAll(client, server, listener);
});

test('a wait whose host is still being looked up ends by its signal and in its time', async () => {
	mock.method(dns, 'lookup', () => new Promise(() => {}));
	syncBuiltinESMExports();
	try {
		for (const call of [
			(how: Wait) => new Listener({ host: 'slow.example', port: 0 }).accept(how),
			(how: Wait) => connect({ host: 'slow.example', port: 1 }, { timeout: how }),
		]) {
			const controller = new AbortController();
			const aborted = call(controller.signal);
			setImmediate(() => controller.abort(new Error('stop')));
			await assert.rejects(aborted, /stop/);
			await assert.rejects(call({ timeout: 1e9, signal: AbortSignal.timeout(10) }), { name: 'TimeoutError' });
			await assert.rejects(call(10), { code: 'ERR_NPROCS_TIMEOUT' });
			await assert.rejects(call(0), { code: 'ERR_NPROCS_TIMEOUT' });
		}
		const listener = new Listener({ host: 'slow.example', port: 0 });
		await assert.rejects(listener.accept(1), { code: 'ERR_NPROCS_TIMEOUT' });
		listener.close();
		await assert.rejects(listener.accept(), { code: 'ERR_NPROCS_CLOSED' });
	} finally {
		mock.restoreAll();
		syncBuiltinESMExports();
	}
});

test("an address in use is an error; the file is its user's alone and goes with the listener", async () => {
	const path = families.unix();
	const listener = await new Listener(path).listen();
	assert.equal(statSync(path).mode & 0o777, 0o600);
	await assert.rejects(new Listener(path).listen(), { code: 'ERR_NPROCS_EADDRINUSE' });
	listener.close();
	assert.equal(existsSync(path), false);
	await assert.rejects(connect(path), { code: 'ERR_NPROCS_NOT_FOUND' });
	const own = await new Listener().listen();
	assert.equal(statSync(dirname(own.address as string)).mode & 0o777, 0o700);
	own.close();
	assert.equal(existsSync(dirname(own.address as string)), false);
	const open = join(folder, 'open');
	const { mkdirSync } = await import('node:fs');
	mkdirSync(open);
	chmodSync(open, 0o777);
	await assert.rejects(new Listener(join(open, 's')).listen(), { code: 'ERR_NPROCS_NO_ACCESS' });
	for (const bad of ['', '\\\\.\\test', 5, {}, { host: 'x', port: -1 }, 'x'.repeat(200)])
		assert.throws(() => new Listener(bad as string), { code: 'ERR_NPROCS_INVALID_ARG' });
	assert.throws(() => new Listener(undefined, { authkey: 5 as never }), { code: 'ERR_NPROCS_INVALID_ARG' });
});

test('a wrong key is refused on both sides, and the listener goes on', async () => {
	const listener = await new Listener(undefined, { authkey: 'right' }).listen();
	const [accepted, connected] = await Promise.allSettled([listener.accept(), connect(listener.address!, { authkey: 'wrong' })]);
	assert.equal((accepted as PromiseRejectedResult).reason.code, 'ERR_NPROCS_AUTHENTICATION');
	assert.equal((connected as PromiseRejectedResult).reason.code, 'ERR_NPROCS_AUTHENTICATION');
	const [server, client] = await Promise.all([listener.accept(), connect(listener.address!, { authkey: Buffer.from('right') })]);
	await client.send('in');
	assert.equal(await server.recv(), 'in');
	closeAll(client, server, listener);
});

test('silent and slow clients hold up nobody and are dropped; a frame that is too long costs no memory', async () => {
	const listener = await new Listener({ host: '127.0.0.1', port: 0 }, { authkey: 'k', authTimeout: 300 }).listen();
	const { port } = listener.address as { port: number };
	const bad: Socket[] = [];
	for (let i = 0; i < 5; i++) bad.push(createConnection(port));
	const greedy = createConnection(port);
	const announced = Buffer.alloc(12);
	announced.writeInt32BE(-1);
	announced.writeBigUInt64BE(2n ** 40n, 4);
	greedy.write(announced);
	const slow = createConnection(port);
	const drip = setInterval(() => slow.write(Buffer.from([0])), 50);
	for (const socket of [...bad, greedy, slow]) socket.on('error', () => {}).resume();
	const ended = [...bad, greedy, slow].map(closed);
	// So that all of them stand in the backlog before the good one.
	await Promise.all([...bad, greedy, slow].map((socket) => once(socket, 'connect')));
	const connection = connect(listener.address!, { authkey: 'k' });
	let server: Connection | undefined;
	while (server === undefined) server = await listener.accept().catch(() => undefined);
	const client = await connection;
	await client.send('through');
	assert.equal(await server.recv(), 'through');
	await Promise.all(ended);
	clearInterval(drip);
	closeAll(client, server, listener);
});

test('fuzz: whatever a client says, it is not let in, and the listener goes on', async (t) => {
	const seconds = Number(process.env['NPROCS_FUZZ_SECONDS'] ?? 2);
	const seed = Math.floor(Math.random() * 2 ** 31);
	t.diagnostic(`seed ${seed}`);
	let state = seed;
	const next = (): number => {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		return (state >>> 0) / 2 ** 32;
	};
	const listener = await new Listener(undefined, { authkey: 'secret', authTimeout: 200 }).listen();
	const words = ['#CHALLENGE#', '#WELCOME#', '#FAILURE#', '{sha256}', '{md5}', '{', '}', '\xff\xff\xff\xff'];
	const end = performance.now() + seconds * 1000;
	let tried = 0;
	let refused = 0;
	while (performance.now() < end) {
		const peers = Array.from({ length: 20 }, () => {
			const socket = createConnection(listener.address as string);
			socket.on('error', () => {}).resume();
			for (let i = Math.floor(next() * 6); i >= 0; i--) {
				const body = Buffer.from(
					next() < 0.5
						? words[Math.floor(next() * words.length)]! + 'x'.repeat(Math.floor(next() * 60))
						: randomBytes(Math.floor(next() * 300)).toString('latin1'),
					'latin1',
				);
				const head = Buffer.alloc(4);
				head.writeInt32BE(next() < 0.2 ? Math.floor((next() - 0.5) * 2 ** 32) : body.length);
				socket.write(next() < 0.1 ? body : Buffer.concat([head, body]));
			}
			if (next() < 0.7) socket.end();
			return closed(socket);
		});
		tried += peers.length;
		const all = Promise.all(peers);
		const stop = new AbortController();
		void all.then(() => stop.abort());
		while (!stop.signal.aborted) {
			const outcome = await listener.accept(stop.signal).catch((error: { code?: string }) => error.code);
			assert.equal(typeof outcome === 'object', false, 'nobody is let in');
			if (outcome === 'ERR_NPROCS_AUTHENTICATION') refused++;
		}
	}
	assert.ok(refused > 0 && tried > 0);
	const [server, client] = await Promise.all([
		(async () => {
			for (;;) {
				const one = await listener.accept().catch(() => undefined);
				if (one !== undefined) return one;
			}
		})(),
		connect(listener.address!, { authkey: 'secret' }),
	]);
	closeAll(server, client, listener);
});

test('without a key only plain data is accepted over TCP; shared objects travel where the peer is known', async () => {
	const [tcp, stranger, visitor] = await meet({}, { host: '127.0.0.1', port: 0 });
	const queue = new Queue();
	await assert.rejects(visitor.send(queue), { code: 'ERR_NPROCS_UNTRUSTED' });
	const { encode } = await import('#nprocs/codec/encode.js');
	await visitor.sendBytes(encode({ queue }).bytes);
	await assert.rejects(stranger.recv(), { code: 'ERR_NPROCS_UNTRUSTED' });
	const [unix, server, client] = await meet();
	await client.send({ queue });
	const { queue: received } = (await server.recv()) as { queue: Queue };
	await received.put('through the queue');
	assert.equal(await queue.get(), 'through the queue');
	closeAll(tcp, stranger, visitor, unix, server, client, queue, received);
});

test('json and msgpack; what is none is an error', async () => {
	for (const codec of ['json', 'msgpack'] as const) {
		const options = { codec };
		const listener = await new Listener(undefined, options).listen();
		const [server, client] = await Promise.all([listener.accept(), connect(listener.address!, options)]);
		await client.send({ a: [1, 'two', null, { b: true }] });
		assert.deepEqual(await server.recv(), { a: [1, 'two', null, { b: true }] });
		await client.sendBytes(Buffer.from([0xc1]));
		await assert.rejects(server.recv(), { code: 'ERR_NPROCS_MALFORMED_MESSAGE' });
		closeAll(server, client, listener);
	}
	assert.throws(() => new Listener(undefined, { codec: 'xml' as never }), { code: 'ERR_NPROCS_INVALID_ARG' });
});

test('bytes into a view, the longest length, and what is too long', async () => {
	const [listener, server, client] = await meet();
	await client.sendBytes(Buffer.from('sixteen bytes ok'));
	const view = new Uint8Array(20);
	assert.equal(await server.recvBytesInto(view, 4), 16);
	assert.equal(Buffer.from(view.subarray(4)).toString(), 'sixteen bytes ok');
	await client.sendBytes(Buffer.from('too long'));
	await assert.rejects(
		server.recvBytesInto(new Uint8Array(3)),
		(error: { code: string; data: Buffer }) => error.code === 'ERR_NPROCS_BUFFER_TOO_SHORT' && error.data.toString() === 'too long',
	);
	await client.sendBytes(Buffer.from('too long'));
	await assert.rejects(server.recvBytes(3), { code: 'ERR_NPROCS_MESSAGE_TOO_LONG' });
	assert.equal(server.readable, false);
	closeAll(server, client, listener);
});

test("wait() tells listeners, socket connections, pipes and Node's sockets that are ready, in order", async () => {
	const [listener, server, client] = await meet();
	const [a, b] = Pipe();
	const node = createConnection(listener.address as string);
	await once(node, 'connect');
	const raw = await listener.accept();
	assert.deepEqual(await wait([listener, server, a, node], 20), []);
	assert.deepEqual(waitSync([listener, server, a, node], 20), []);
	await raw.sendBytes(Buffer.from('x'));
	await client.send(1);
	await b.send(2);
	const late = await connect(listener.address!);
	assert.deepEqual(waitSync([listener, server, a, node], 5000), [listener, server, a, node]);
	// In the event loop a Node socket is ready when Node has read something.
	assert.deepEqual(await wait([node], 5000), [node]);
	assert.deepEqual(await wait([node, a, server, listener], 5000), [node, a, server, listener]);
	await server.recv();
	const ready = wait([server], 5000);
	await client.send(3);
	assert.deepEqual(await ready, [server]);
	node.destroy();
	closeAll(late, raw, a, b, server, client, listener);
});

test('the blocking forms', () => {
	const listener = new Listener({ host: 'localhost', port: 0 }).listenSync();
	const client = connectSync(listener.address!);
	const server = listener.acceptSync();
	client.sendSync('hello');
	assert.equal(server.recvSync(5000), 'hello');
	assert.throws(() => listener.acceptSync(10), { code: 'ERR_NPROCS_TIMEOUT' });
	closeAll(server, client, listener);
	assert.throws(() => connectSync(listener.address!), { code: 'ERR_NPROCS_ECONNREFUSED' });
});

test("a killed listener's folder goes with the next listener", async () => {
	const { spawn } = await import('node:child_process');
	const source = `import { Listener } from '${import.meta.resolve('nprocs')}'; const l = await new Listener().listen(); console.log(l.address); setInterval(() => {}, 1000);`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [data] = (await once(child.stdout!, 'data')) as [Buffer];
	const left = dirname(data.toString().trim());
	child.kill('SIGKILL');
	await once(child, 'exit');
	assert.ok(existsSync(left));
	const listener = await new Listener().listen();
	assert.equal(existsSync(left), false);
	listener.close();
	assert.equal(existsSync(dirname(listener.address as string)), false);
});

test('folders that dead processes left are removed, those of other pid namespaces and users are not', async () => {
	const first = await new Listener().listen();
	const name = first.address as string;
	const own = basename(dirname(name));
	const [, uid, namespace] = /^nprocs-listener-(\d+)-(\w+)-/.exec(own)!;
	const folders = {
		dead: `nprocs-listener-${uid}-${namespace}-4194303-1-abcdef`,
		elsewhere: `nprocs-listener-${uid}-other-4194303-1-abcdef`,
		unknown: `nprocs-listener-${uid}-${namespace}-4194303-0-abcdef`,
	};
	for (const folder of Object.values(folders)) mkdirSync(join(tmpdir(), folder));
	const listener = await new Listener().listen();
	try {
		assert.ok(!existsSync(join(tmpdir(), folders.dead)));
		for (const kept of [folders.elsewhere, folders.unknown, own]) assert.ok(existsSync(join(tmpdir(), kept)), kept);
	} finally {
		listener.close();
		for (const folder of [folders.elsewhere, folders.unknown]) rmdirSync(join(tmpdir(), folder));
		first.close();
	}
});
