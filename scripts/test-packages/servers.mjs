/**
 * The servers that the packages talk to: one for HTTP and WebSocket, PostgreSQL, Redis; all on loopback, ended with the
 * script.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer as createWeb } from 'node:http';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/** `packages`: where `ws` is installed. Returns the environment that the programs find them by, and what ends them. */
export async function startServers(folder, packages) {
	const web = await startWeb(packages);
	const redisPort = await freePort();
	const redis = run('redis-server', ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]);
	const postgresPort = await freePort();
	const postgres = runPostgres(join(folder, 'postgres'), postgresPort);
	await Promise.all([answers(redisPort, redis), answers(postgresPort, postgres)]);
	return {
		environment: { WEB: `http://127.0.0.1:${web.address().port}`, REDIS_PORT: String(redisPort), POSTGRES_PORT: String(postgresPort) },
		async end() {
			web.closeAllConnections();
			web.close();
			const servers = [redis, postgres].filter(({ exitCode }) => exitCode === null);
			for (const server of servers) server.kill('SIGINT');
			await Promise.all(servers.map((server) => once(server, 'exit')));
		},
	};
}

/** It says back what it was asked for. */
async function startWeb(packages) {
	const server = createWeb({ keepAliveTimeout: 60_000 }, (request, response) => response.end(request.url));
	const { WebSocketServer } = createRequire(join(packages, 'package.json'))('ws');
	new WebSocketServer({ server }).on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

function runPostgres(data, port) {
	mkdirSync(data);
	if (isRoot) spawnSync('chown', ['postgres', data]);
	const made = spawnSync(...asUser(postgresCommand('initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '--no-locale']), {
		encoding: 'utf8',
	});
	if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);
	return run(...asUser(postgresCommand('postgres'), ['-D', data, '-p', port, '-h', '127.0.0.1', '-k', data, '-F']));
}

const isRoot = process.getuid() === 0;

/** PostgreSQL refuses to run as root. */
function asUser(command, args) {
	return isRoot
		? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', command, ...args.map(String)]]
		: [command, args.map(String)];
}

/** Debian has its commands in a folder for each version. */
function postgresCommand(name) {
	const all = '/usr/lib/postgresql';
	const versions = existsSync(all) ? readdirSync(all).toSorted((a, b) => Number(b) - Number(a)) : [];
	return versions.map((version) => join(all, version, 'bin', name)).find((path) => existsSync(path)) ?? name;
}

function run(command, args) {
	const server = spawn(command, args.map(String), { stdio: 'ignore' });
	server.on('error', (error) => (server.failure = error));
	return server;
}

async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

async function answers(port, server) {
	for (;;) {
		if (server.failure !== undefined || server.exitCode !== null)
			throw new Error(`${server.spawnfile} does not run: ${server.failure ?? server.exitCode}`);
		const socket = connect(port, '127.0.0.1');
		const isThere = await new Promise((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
		socket.destroy();
		if (isThere) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
