/**
 * Finds files with the same content: hashes a folder (the first argument, or node_modules). Results come as they are
 * ready, so the bar moves with the bytes that are done, and only names and digests travel between the processes.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { isMain, Pool } from 'nprocs';

export interface Hashed {
	readonly file: string;
	readonly bytes: number;
	readonly digest: string;
}

export async function hashFile(file: string): Promise<Hashed> {
	const hash = createHash('sha512');
	let bytes = 0;
	for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
		hash.update(chunk);
		bytes += chunk.length;
	}
	return { file, bytes, digest: hash.digest('hex') };
}

async function hashAll(pool: Pool, files: string[], totalBytes: number): Promise<Hashed[]> {
	const bar = new SingleBar({ stream: process.stdout, clearOnComplete: true, format: '{bar} {percentage} % of {total} bytes' });
	bar.start(totalBytes, 0);
	const hashed = [];
	for await (const result of pool.imapUnordered(hashFile, files)) {
		hashed.push(result);
		bar.increment(result.bytes);
	}
	bar.stop();
	return hashed;
}

function filesOf(folder: string): string[] {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function copiesAmong(hashed: Hashed[]): Hashed[] {
	const seen = new Set<string>();
	return hashed.filter(({ digest }) => seen.size === seen.add(digest).size);
}

function sumOf(numbers: number[]): number {
	return numbers.reduce((sum, number) => sum + number, 0);
}

if (isMain(import.meta)) {
	const files = filesOf(process.argv[2] ?? 'node_modules');
	const totalBytes = sumOf(files.map((file) => statSync(file).size));
	await using pool = await new Pool().ready();

	const began = performance.now();
	const hashed = await hashAll(pool, files, totalBytes);
	const poolMs = performance.now() - began;
	for (const file of files) await hashFile(file);
	const aloneMs = performance.now() - began - poolMs;

	const copies = copiesAmong(hashed);
	console.log(`${hashed.length} files of ${(totalBytes / 1e6).toFixed()} MB`);
	console.log(`${copies.length} are copies of others and take ${sumOf(copies.map(({ bytes }) => bytes))} bytes`);
	console.log(`one process: ${aloneMs.toFixed()} ms, pool: ${poolMs.toFixed()} ms, ${(aloneMs / poolMs).toFixed(1)} times as fast`);
}
