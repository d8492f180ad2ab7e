import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { constants, tmpdir } from 'node:os';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addon } from '#nprocs/native/addon.js';

const { EAGAIN, ECONNREFUSED, EADDRINUSE, EPIPE } = constants.errno;
const readable = 1;

function pair(t: { after(fn: () => void): void }): [number, number] {
	const name = Buffer.from(`\0nprocs-test-${process.pid}-${Math.random()}`);
	const listener = addon().unixListen(name, 8);
	assert.ok(listener >= 0);
	const client = addon().unixConnect(name);
	const server = addon().socketAccept(listener);
	addon().closeFd(listener);
	assert.ok(client >= 0 && server >= 0);
	t.after(() => {
		addon().closeFd(client);
		addon().closeFd(server);
	});
	return [client, server];
}

test('bytes go through a Unix socket, and its end is 0', (t) => {
	const [client, server] = pair(t);
	const into = new Uint8Array(8);
	assert.equal(addon().socketReceive(server, into, 0, 8), -EAGAIN);
	assert.equal(addon().socketSend(client, Buffer.from('hello'), 1, 4), 4);
	assert.equal(addon().socketReceive(server, into, 2, 6), 4);
	assert.equal(Buffer.from(into.subarray(2, 6)).toString(), 'ello');
	assert.equal(addon().socketReceive(server, into, 4, 5), -constants.errno.EINVAL, 'a part outside of the view is refused');
});

test('writing to a closed peer is an error and no SIGPIPE', () => {
	const name = Buffer.from(`\0nprocs-test-${process.pid}-pipe`);
	const listener = addon().unixListen(name, 1);
	const client = addon().unixConnect(name);
	addon().closeFd(addon().socketAccept(listener));
	addon().closeFd(listener);
	assert.equal(addon().socketReceive(client, new Uint8Array(1), 0, 1), 0);
	assert.equal(addon().socketSend(client, new Uint8Array(1), 0, 1), -EPIPE);
	addon().closeFd(client);
});

test("the file of a Unix socket is its user's alone, and a bound address is taken", () => {
	const folder = mkdtempSync(join(tmpdir(), 'nprocs-test-'));
	const path = Buffer.from(join(folder, 'socket'));
	const listener = addon().unixListen(path, 1);
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.equal(addon().unixListen(path, 1), -EADDRINUSE);
	assert.deepEqual(addon().socketName(listener, false), path);
	addon().closeFd(listener);
	assert.equal(addon().unixConnect(path), -ECONNREFUSED);
	rmSync(folder, { recursive: true });
});

test("TCP on a port of the system's choice; poll tells who is ready", () => {
	const listener = addon().tcpListen('127.0.0.1', 0, 1);
	const { port } = addon().socketName(listener, false) as { port: number };
	const client = addon().tcpConnect('127.0.0.1', port);
	const ready = new Int32Array(2);
	assert.equal(addon().waitForFds(Int32Array.of(client, listener), Int32Array.of(2, readable), ready, 5000) > 0, true);
	assert.equal(addon().socketError(client), 0);
	assert.equal(addon().waitForFds(Int32Array.of(listener), Int32Array.of(readable), ready, 5000), 1);
	const server = addon().socketAccept(listener);
	assert.equal(addon().waitForFds(Int32Array.of(client, server), Int32Array.of(readable, readable), ready, 0), 0);
	addon().socketSend(client, new Uint8Array(1), 0, 1);
	assert.equal(addon().waitForFds(Int32Array.of(client, server), Int32Array.of(readable, readable), ready, -1), 1);
	assert.deepEqual([...ready], [0, readable]);
	for (const fd of [client, server, listener]) addon().closeFd(fd);
	assert.equal(addon().resolveHost('127.0.0.1'), '127.0.0.1');
	assert.ok((addon().resolveHost('no.such.host.invalid') as number) < 0);
});

test('a watcher brings readiness into the event loop', async (t) => {
	const [client, server] = pair(t);
	const seen = await new Promise<number>((resolve, reject) => {
		const watch = addon().watchFd(
			server,
			(events) => {
				addon().unwatch(watch as never);
				resolve(events);
			},
			readable,
		);
		if (typeof watch === 'number') return reject(new Error(`errno ${watch}`));
		addon().socketSend(client, new Uint8Array(1), 0, 1);
	});
	assert.equal(seen, readable);
});

test('a worker thread may end while it watches', async (t) => {
	const { Worker } = await import('node:worker_threads');
	const [, server] = pair(t);
	const source = `
		import { addon } from '${import.meta.resolve('#nprocs/native/addon.js')}';
		addon().watchFd(${server}, () => {}, 1);
		process.exit(0);
	`;
	const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
	const code = await new Promise((resolve) => worker.on('exit', resolve));
	assert.equal(code, 0);
});
