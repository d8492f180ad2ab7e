/**
 * A cache that the workers of a `node:cluster` server share. The workers are no processes of this library: they find
 * the manager by its address and key. Counting is atomic in the server, so no hit is lost, and a value is computed
 * once, whichever worker is asked.
 */
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { isMain, SyncManager, type DictProxy } from 'nprocs';

export interface Cache {
	readonly pages: DictProxy<string, string>;
	readonly hits: DictProxy<string, number>;
}

const pages = new Map<string, string>();
const hits = new Map<string, number>();

/** In the manager's server: the same maps for everybody. */
export class CacheManager extends SyncManager.with({ getPages: () => pages, getHits: () => hits }) {}

async function answer({ pages, hits }: Cache, url: string): Promise<string> {
	await hits.increment(url);
	return pages.setDefault(url, `the page ${url}`);
}

/** What each worker of the cluster does. */
async function serve(): Promise<void> {
	const { address, authkey } = JSON.parse(process.env['CACHE']!) as { address: string; authkey: string };
	const manager = await new CacheManager({ address, authkey }).connect();
	const cache = { pages: await manager.getPages(), hits: await manager.getHits() };
	const server = createServer((request, response) => {
		answer(cache, request.url!).then(
			(text) => response.end(text),
			() => response.writeHead(500).end(),
		);
	});
	server.listen(0);
	process.on('disconnect', () => process.exit());
}

async function main(): Promise<void> {
	const authkey = 'only the workers know it';
	// The factories are functions of this very process, so it is the server itself.
	const manager = new CacheManager({ address: `\0cache-example-${process.pid}`, authkey });
	const server = await manager.getServer().listen();
	const workers = [0, 1, 2].map(() => cluster.fork({ CACHE: JSON.stringify({ address: server.address, authkey }) }));
	const ports = await Promise.all(workers.map(async (worker) => ((await once(worker, 'listening')) as [AddressInfo])[0].port));

	const requests = Array.from({ length: 30 }, (_, i) => fetch(`http://127.0.0.1:${ports[i % 3]}/${i % 2 === 0 ? 'even' : 'odd'}`));
	for (const response of await Promise.all(requests)) await response.text();
	for (const worker of workers) worker.disconnect();
	for (const [url, count] of [...hits].sort()) console.log(`${url} was asked for ${count} times: ${pages.get(url)}`);
	server.close();
}

if (!cluster.isPrimary) await serve();
else if (isMain(import.meta)) await main();
