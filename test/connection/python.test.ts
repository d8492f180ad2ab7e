/** With Python's `multiprocessing.connection`, in both directions, for every interpreter that is installed. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { connect, Listener } from 'nprocs';

/** One interpreter of each version from 3.8 on that the PATH or pyenv has. */
function interpreters(): Map<string, string> {
	const root = process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv');
	const versions = join(root, 'versions');
	const candidates = existsSync(versions) ? readdirSync(versions).map((name) => join(versions, name, 'bin/python3')) : [];
	for (const folder of (process.env['PATH'] ?? '').split(':')) candidates.push(join(folder, 'python3'));
	const found = new Map<string, string>();
	for (const path of candidates) {
		if (!existsSync(path)) continue;
		try {
			const version = execFileSync(path, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { stdio: ['ignore', 'pipe', 'ignore'] })
				.toString()
				.trim();
			if (Number(version.split('.')[1]) >= 8 && !found.has(version)) found.set(version, path);
		} catch {
			// A shim without an interpreter.
		}
	}
	return found;
}

function python(path: string, program: string): { child: ChildProcess; line: () => Promise<string>; ended: Promise<unknown[]> } {
	const child = spawn(path, ['-u', '-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
	const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
	return { child, line: async () => ((await lines.next()) as { value: string }).value, ended: once(child, 'exit') };
}

const versions = interpreters();
if (versions.size === 0) test('no Python is installed', { skip: true }, () => {});

for (const [version, path] of versions) {
	test(`Python ${version} connects to our listener`, async () => {
		for (const address of [undefined, { host: '127.0.0.1', port: 0 }]) {
			const listener = await new Listener(address, { authkey: 'the key', codec: 'json' }).listen();
			const at = listener.address!;
			const { ended } = python(
				path,
				`
import json
from multiprocessing.connection import Client
with Client(${typeof at === 'string' ? JSON.stringify(at) : `('${at.host}', ${at.port})`}, authkey=b'the key') as c:
    c.send_bytes(b'from python')
    assert c.recv_bytes() == b'to python'
    value = json.loads(c.recv_bytes())
    assert value == {'numbers': [1, 2.5, None]}, value
    c.send_bytes(json.dumps({'sum': sum(range(10))}).encode())
    large = c.recv_bytes()
    assert len(large) == 20_000_000
    c.send_bytes(large)
`,
			);
			const connection = await listener.accept(20_000);
			assert.equal((await connection.recvBytes()).toString(), 'from python');
			await connection.sendBytes(Buffer.from('to python'));
			await connection.send({ numbers: [1, 2.5, null] });
			assert.deepEqual(await connection.recv(), { sum: 45 });
			const large = Buffer.alloc(20_000_000, 'large');
			await connection.sendBytes(large);
			assert.ok((await connection.recvBytes()).equals(large));
			await assert.rejects(connection.recv(), { code: 'ERR_NPROCS_EOF' });
			assert.deepEqual(await ended, [0, null]);
			connection.close();
			listener.close();
		}
	});

	test(`we connect to Python ${version}'s listener`, async () => {
		for (const family of ['AF_UNIX', 'AF_INET']) {
			const { line, ended } = python(
				path,
				`
import json
from multiprocessing.connection import Listener
with Listener(family='${family}', authkey=b'key') as l:
    print(json.dumps(l.address))
    with l.accept() as c:
        c.send_bytes(c.recv_bytes().upper())
        c.send_bytes(b'')
        print(c.poll(20))
`,
			);
			const address = JSON.parse(await line()) as string | [string, number];
			const connection = await connect(typeof address === 'string' ? address : { host: address[0], port: address[1] }, {
				authkey: 'key',
				timeout: 20_000,
			});
			await connection.sendBytes(Buffer.from('to python'));
			assert.equal((await connection.recvBytes()).toString(), 'TO PYTHON');
			assert.equal((await connection.recvBytes()).length, 0);
			connection.close();
			// A connection that has ended is ready to be read.
			assert.equal(await line(), 'True');
			assert.deepEqual(await ended, [0, null]);
		}
	});

	test(`a wrong key is refused between us and Python ${version}`, async () => {
		const listener = await new Listener(undefined, { authkey: 'right' }).listen();
		const client = python(
			path,
			`
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
try:
    Client(${JSON.stringify(listener.address)}, authkey=b'wrong')
except AuthenticationError as error:
    print(error)
`,
		);
		await assert.rejects(listener.accept(20_000), { code: 'ERR_NPROCS_AUTHENTICATION' });
		assert.equal(await client.line(), 'digest sent was rejected');
		assert.deepEqual(await client.ended, [0, null]);
		listener.close();

		const server = python(
			path,
			`
from multiprocessing import AuthenticationError
from multiprocessing.connection import Listener
with Listener(family='AF_UNIX', authkey=b'right') as l:
    print(l.address)
    try:
        l.accept()
    except AuthenticationError as error:
        print(error)
`,
		);
		await assert.rejects(connect(await server.line(), { authkey: 'wrong', timeout: 20_000 }), { code: 'ERR_NPROCS_AUTHENTICATION' });
		assert.equal(await server.line(), 'digest received was wrong');
		assert.deepEqual(await server.ended, [0, null]);
	});
}
