import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { BufferTooShort, Connection, EOFError, Pipe, Process, Queue, wait, waitSync } from 'nprocs';
import { collectGarbage, listNames } from '#nprocs/memory/janitor.js';
import * as programs from '../fixtures/channel/programs.js';

after(() => {
	collectGarbage();
	assert.deepEqual(
		listNames().filter((name) => !name.includes('-registry-')),
		[],
	);
});

function closeAll(...all: { close(): void }[]): void {
	for (const one of all) one.close();
}

test('an echo: values, bytes, views, poll, large messages, the end of the file', async () => {
	const [connection, theirs] = Pipe<unknown>();
	const child = new Process({ target: programs.echo, args: [theirs] }).start();
	theirs.close();
	assert.ok(connection instanceof Connection);
	await connection.send([1, 2.25, null]);
	assert.deepEqual(await connection.recv(), [1, 2.25, null]);
	assert.deepEqual(
		[await connection.poll(), connection.pollSync(), await connection.poll(-1), await connection.poll(50)],
		[false, false, false, false],
	);
	connection.sendSync('again');
	assert.equal(await connection.poll(10_000), true);
	assert.equal(connection.recvSync(), 'again');
	const large = Buffer.alloc(16 * 1024 * 1024, 'large');
	await connection.send(large);
	assert.ok(((await connection.recv()) as Buffer).equals(large));
	const text = 'text '.repeat(1_000_000);
	await connection.send(text);
	assert.equal(await connection.recv(), text);
	await connection.send('stop');
	await assert.rejects(connection.recv(), EOFError);
	assert.deepEqual([connection.readable, connection.writable], [true, true]);
	await assert.rejects(connection.recvBytes(), { code: 'ERR_NPROCS_EOF' });
	assert.equal(await connection.poll(), true);
	assert.throws(() => connection.sendSync(1), { code: 'ERR_NPROCS_BROKEN_PIPE' });
	await child.join();
	connection.close();
	assert.equal(connection.closed, true);
	await assert.rejects(connection.recv(), { code: 'ERR_NPROCS_CLOSED' });
	await assert.rejects(connection.send(1), { code: 'ERR_NPROCS_CLOSED' });
});

test('bytes: parts of a view, into a view, and the longest length', async () => {
	const [a, b] = Pipe();
	const view = Buffer.from('abcdefghijklmnopqrstuvwxyz');
	for (const [offset, size] of [
		[undefined, undefined],
		[5, undefined],
		[7, 8],
		[26, undefined],
		[26, 0],
	] as const) {
		await a.sendBytes(view, offset, size);
		const start = offset ?? 0;
		assert.equal((await b.recvBytes()).toString(), view.toString('utf8', start, size === undefined ? 26 : start + size));
	}
	for (const [offset, size] of [[27], [22, 5], [26, 1], [-1], [4, -1]] as const)
		await assert.rejects(a.sendBytes(view, offset, size), { code: 'ERR_NPROCS_INVALID_ARG' });
	await a.sendBytes(new Float64Array([1.5, 2.5]));
	const target = new Float64Array(3);
	assert.equal(await b.recvBytesInto(target, 8), 16);
	assert.deepEqual([...target], [0, 1.5, 2.5]);
	await a.sendBytes(Buffer.from('a long message'));
	await assert.rejects(
		b.recvBytesInto(new Uint8Array(5)),
		(error: BufferTooShort) => error instanceof BufferTooShort && Buffer.from(error.data).toString() === 'a long message',
	);
	await assert.rejects(b.recvBytesInto(new Uint8Array(5), 6), { code: 'ERR_NPROCS_INVALID_ARG' });
	await assert.rejects(b.recvBytes(-1), { code: 'ERR_NPROCS_INVALID_ARG' });
	await a.send('a value');
	await assert.rejects(b.recvBytes(), { code: 'ERR_NPROCS_NOT_BYTES' });
	assert.equal(await b.recv(), 'a value');
	await a.sendBytes(Buffer.from('bytes'));
	assert.deepEqual(await b.recv(), Buffer.from('bytes'));
	await a.sendBytes(new Uint8Array(100));
	await assert.rejects(b.recvBytes(99), { code: 'ERR_NPROCS_MESSAGE_TOO_LONG' });
	assert.equal(b.readable, false);
	closeAll(a, b);
});

test('poll does not consume, messages do not merge, empty ones count', async () => {
	const [a, b] = Pipe();
	for (const text of ['', 'a', 'b', 'cd', '']) await a.sendBytes(Buffer.from(text));
	for (const text of ['', 'a', 'b', 'cd', '']) {
		assert.equal(await b.poll(), true);
		assert.equal(b.pollSync(1000), true);
		assert.equal((await b.recvBytes()).toString(), text);
	}
	assert.equal(await b.poll(), false);
	const polls = [b.poll(10_000), b.poll(10_000)];
	const received = b.recv();
	await a.send(1);
	assert.equal(await received, 1);
	await a.send(2);
	assert.deepEqual(await Promise.all(polls), [true, true]);
	closeAll(a, b);
});

test('one direction: the reader reads and the writer writes', async () => {
	const [reader, writer] = Pipe({ duplex: false });
	assert.deepEqual([reader.readable, reader.writable, writer.readable, writer.writable], [true, false, false, true]);
	await writer.send(1);
	assert.equal(await reader.recv(), 1);
	await assert.rejects(reader.send(2), { code: 'ERR_NPROCS_WRONG_DIRECTION' });
	await assert.rejects(writer.recv(), { code: 'ERR_NPROCS_WRONG_DIRECTION' });
	await assert.rejects(async () => writer.poll(), { code: 'ERR_NPROCS_WRONG_DIRECTION' });
	closeAll(reader, writer);
});

test('the end of the file comes after all that was sent, and only when every holder is gone', async () => {
	const [reader, writer] = Pipe<unknown>({ duplex: false });
	const [control, theirs] = Pipe<unknown>();
	const child = new Process({ target: programs.holdFor, args: [writer, theirs] }).start();
	assert.equal(await control.recv(), 'holding');
	await writer.send('last');
	writer.close();
	assert.equal(await reader.recv(), 'last');
	await assert.rejects(reader.recv(150), { code: 'ERR_NPROCS_TIMEOUT' }, 'the child holds it still');
	const end = reader.recv();
	child.kill();
	await assert.rejects(end, EOFError);
	await child.join();
	assert.throws(() => reader.recvSync(), EOFError);
	assert.equal(await reader.poll(), true);
	assert.deepEqual(waitSync([reader]), [reader]);
	closeAll(reader, control, theirs);
});

test('an end on its way in a message counts, until nobody can receive it any more', async () => {
	const [reader, writer] = Pipe<unknown>({ duplex: false });
	const queue = new Queue<unknown>();
	await queue.put({ writer });
	writer.close();
	await assert.rejects(reader.recv(150), { code: 'ERR_NPROCS_TIMEOUT' });
	const { writer: received } = (await queue.get()) as { writer: Connection };
	await received.send('from the received one');
	assert.equal(await reader.recv(), 'from the received one');
	await queue.put([received]);
	received.close();
	const end = reader.recv();
	queue.close();
	await assert.rejects(end, EOFError);
	reader.close();
});

test('a writer without readers gets an error, a blocked one too', async () => {
	const [reader, writer] = Pipe<unknown>({ duplex: false });
	const filler = 'x'.repeat(60_000);
	await assert.rejects(
		async () => {
			for (;;) await writer.send(filler, 50);
		},
		{ code: 'ERR_NPROCS_TIMEOUT' },
	);
	const blocked = writer.send(filler);
	reader.close();
	await assert.rejects(blocked, { code: 'ERR_NPROCS_BROKEN_PIPE' });
	assert.throws(() => writer.sendSync(1), { code: 'ERR_NPROCS_BROKEN_PIPE' });
	writer.close();

	const [ours, other] = Pipe<unknown>();
	const child = new Process({ target: programs.echo, args: [other] }).start();
	other.close();
	await ours.send(1);
	assert.equal(await ours.recv(), 1);
	child.kill();
	await child.join();
	await assert.rejects(ours.send(2), { code: 'ERR_NPROCS_BROKEN_PIPE' });
	ours.close();
});

test('a killed writer leaves whole messages only', async () => {
	for (let round = 0; round < 4; round++) {
		const [reader, writer] = Pipe<[number, string]>({ duplex: false });
		const child = new Process({ target: programs.sendForEver, args: [writer as Connection<unknown>] }).start();
		writer.close();
		let next = 0;
		const take = ([number, text]: [number, string]): void => {
			assert.equal(number, next++);
			assert.equal(text.length, (number * 7) % 5000);
		};
		while (next < 100 * (round + 1)) take(await reader.recv());
		child.kill();
		await assert.rejects(async () => {
			for (;;) take(await reader.recv());
		}, EOFError);
		await child.join();
		reader.close();
	}
});

test('a connection goes through a connection', async () => {
	const [control, theirs] = Pipe<unknown>();
	const child = new Process({ target: programs.receiveConnection, args: [theirs] }).start();
	const [reader, writer] = Pipe<unknown>({ duplex: false });
	await control.send({ inside: [writer] });
	writer.close();
	assert.equal(await reader.recv(), 'all is well');
	await assert.rejects(reader.recv(), EOFError);
	await child.join();
	closeAll(control, theirs, reader);
});

test('two processes read one end: each message reaches one of them', async () => {
	const [reader, writer] = Pipe<unknown>({ duplex: false });
	const [outReader, out] = Pipe<unknown>({ duplex: false });
	const children = [1, 2].map(() => new Process({ target: programs.waitAll, args: [[reader], out] }).start());
	reader.close();
	out.close();
	for (let i = 0; i < 200; i++) await writer.send(i);
	writer.close();
	const seen: number[] = [];
	for await (const number of outReader) seen.push(number as number);
	assert.deepEqual(
		seen.sort((x, y) => x - y),
		Array.from({ length: 200 }, (_, i) => i),
	);
	for (const child of children) await child.join();
	outReader.close();
});

test('wait: over pipes, all that is ready, until each has ended', async () => {
	const readers: Connection<unknown>[] = [];
	const children: Process<[Connection, number]>[] = [];
	for (let i = 0; i < 4; i++) {
		const [reader, writer] = Pipe<unknown>({ duplex: false });
		readers.push(reader);
		children.push(new Process({ target: programs.sendTen, args: [writer, i] }).start());
		writer.close();
	}
	const messages: string[] = [];
	const left = new Set(readers);
	for (let turn = 0; left.size > 0; turn++) {
		for (const ready of turn % 2 === 0 ? await wait(left) : waitSync(left)) {
			try {
				messages.push(((await ready.recv()) as unknown[]).join());
			} catch (error) {
				assert.ok(error instanceof EOFError);
				left.delete(ready);
			}
		}
	}
	assert.equal(messages.length, 40);
	assert.equal(new Set(messages).size, 40);
	for (const child of children) await child.join();
	closeAll(...readers);
});

test('wait: timeouts, signals, sentinels, and the order given', async () => {
	const [a, b] = Pipe<unknown>();
	assert.deepEqual(await wait([a, b], -1), []);
	assert.deepEqual(await wait([a, b], 30), []);
	assert.deepEqual(waitSync([a, b], 30), []);
	const control = new AbortController();
	const aborted = wait([a], control.signal);
	control.abort(new Error('enough'));
	await assert.rejects(aborted, /enough/);
	const [stay, theirs] = Pipe<unknown>();
	const child = new Process({ target: programs.holdFor, args: [theirs, theirs] }).start();
	assert.equal(await stay.recv(), 'holding');
	assert.deepEqual(await wait([a, child.sentinel, b], 30), []);
	const ended = wait([a, child.sentinel, b]);
	await stay.send('go');
	assert.deepEqual(await ended, [child.sentinel]);
	await a.send('for b');
	assert.deepEqual(await wait([a, child.sentinel, b]), [child.sentinel, b]);
	await b.send('for a');
	assert.deepEqual(waitSync([a, child.sentinel, b]), [a, child.sentinel, b]);
	await child.join();
	await assert.rejects(wait([{} as never]), { code: 'ERR_NPROCS_INVALID_ARG' });
	closeAll(a, b, stay, theirs);
	await assert.rejects(async () => wait([a]), { code: 'ERR_NPROCS_CLOSED' });
});

test('wait: a signal that is aborted at once, also when the call lets the event loop turn first', async () => {
	const [a, b] = Pipe<unknown>();
	for (let i = 0; i < 600; i++) {
		const control = new AbortController();
		const aborted = wait([a], control.signal);
		control.abort(new Error('enough'));
		await assert.rejects(aborted, /enough/);
	}
	closeAll(a, b);
});

test("wait: over Node's own sockets", async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const clients: Socket[] = [];
	const served: Socket[] = [];
	for (let i = 0; i < 3; i++) {
		clients.push(createConnection((server.address() as AddressInfo).port, '127.0.0.1'));
		const [socket] = (await once(server, 'connection')) as [Socket];
		served.push(socket);
	}
	for (const [i, client] of clients.entries()) {
		void (async () => {
			for (let k = 0; k < 10; k++) {
				client.write(`${k}\n`);
				await pause(i * 2);
			}
			client.end();
		})();
	}
	const text = new Map(served.map((socket) => [socket, '']));
	const left = new Set(served);
	while (left.size > 0) {
		for (const ready of await wait(left)) {
			const data = ready.read() as Buffer | null;
			if (data !== null) text.set(ready, text.get(ready)! + data.toString());
			else if (ready.readableEnded || ready.destroyed) left.delete(ready);
		}
	}
	for (const got of text.values()) assert.equal(got, '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
	for (const socket of [...clients, ...served]) socket.destroy();
	server.close();
});

test('a signal that is handled does not end a blocked call', async () => {
	const [connection, theirs] = Pipe<unknown>();
	const child = new Process({ target: programs.echoBytes, args: [theirs] }).start();
	theirs.close();
	const payload = Buffer.alloc(3_000_000, 'p');
	const kick = setInterval(() => process.kill(process.pid, 'SIGWINCH'), 1);
	process.on('SIGWINCH', noop);
	for (let i = 0; i < 20; i++) {
		connection.sendBytesSync(payload);
		assert.ok(connection.recvBytesSync().equals(payload));
		await pause(1);
	}
	clearInterval(kick);
	process.off('SIGWINCH', noop);
	connection.close();
	await child.join();
});

function noop(): void {}

test(
	'more than 2 GiB in one message',
	{ skip: process.env['NPROCS_LARGE'] === undefined && 'set NPROCS_LARGE to run it: it takes 5 GB of memory' },
	async () => {
		const [a, b] = Pipe<unknown>();
		const large = new Uint8Array(2 ** 31 + 4096);
		large[2 ** 31 + 4095] = 7;
		await a.sendBytes(large);
		assert.equal((await b.recvBytes())[2 ** 31 + 4095], 7);
		await a.send([large]);
		const [received] = (await b.recv()) as [Uint8Array];
		assert.equal(received.length, large.length);
		assert.equal(received[2 ** 31 + 4095], 7);
		closeAll(a, b);
	},
);
