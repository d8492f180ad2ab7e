/**
 * An HTTP server that hands heavy requests to a pool and stays responsive: /primes/n counts prime numbers, which takes
 * a while; /health answers at once, also while the pool works. When more requests wait than `maxQueue` allows, the next
 * one is answered by 503; when a client leaves, or after 30 s, its work is cancelled. /blocking/n counts in the
 * server's own process, to compare: nobody else is answered meanwhile.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Full, isMain, Pool } from 'nprocs';

export function countPrimes(limit: number): number {
	let primes = 0;
	for (let n = 2; n <= limit; n++) if (isPrime(n)) primes++;
	return primes;
}

function isPrime(n: number): boolean {
	for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
	return true;
}

async function answer(pool: Pool, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const [, path, limit] = request.url!.split('/');
	if (path === 'health') response.end('ok');
	else if (path === 'primes') response.end(`${await countForClient(pool, Number(limit), response)}`);
	else if (path === 'blocking') response.end(`${countPrimes(Number(limit))}`);
	else response.writeHead(404).end();
}

function countForClient(pool: Pool, limit: number, response: ServerResponse): Promise<number> {
	const left = new AbortController();
	response.once('close', () => left.abort());
	return pool.apply(countPrimes, [limit], { signal: left.signal, timeout: 30_000 });
}

function refuse(error: unknown, response: ServerResponse): void {
	response.writeHead(error instanceof Full ? 503 : 500).end();
}

/**
 * Eight heavy requests at once, and meanwhile /health again and again: how long do all take, and the slowest /health?
 */
async function measure(address: string, path: string): Promise<void> {
	const began = performance.now();
	let isDone = false;
	const heavy = Promise.all(Array.from({ length: 8 }, () => textOf(`${address}/${path}/200000`))).finally(() => (isDone = true));
	let slowest = 0;
	while (!isDone) {
		const asked = performance.now();
		await textOf(`${address}/health`);
		slowest = Math.max(slowest, performance.now() - asked);
		await setTimeout(10);
	}
	const [primes] = await heavy;
	const took = performance.now() - began;
	console.log(`/${path}: ${primes} primes, eight times in ${took.toFixed()} ms; /health took ${slowest.toFixed()} ms at most`);
}

async function textOf(url: string): Promise<string> {
	return (await fetch(url)).text();
}

if (isMain(import.meta)) {
	await using pool = await new Pool(undefined, { maxQueue: 100 }).ready();
	const server = createServer((request, response) => {
		answer(pool, request, response).catch((error: unknown) => refuse(error, response));
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

	await measure(address, 'blocking');
	await measure(address, 'primes');
	server.close();
	server.closeAllConnections();
}
