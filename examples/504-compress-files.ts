/**
 * Compresses the texts of a folder (the first argument, or node_modules/@msgpack) with Brotli at its highest quality,
 * as one does before a web server sends them. The largest files go first, so that none of them is left over for the
 * end, when the other processes have nothing to do.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { SingleBar } from 'cli-progress';
import { isMain, Pool } from 'nprocs';

export interface Text {
	readonly file: string;
	readonly bytes: number;
}

/** Writes the compressed file and returns its size: the contents stay in this process. */
export function compress(source: string, target: string): number {
	const compressed = brotliCompressSync(readFileSync(source));
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(target, compressed);
	return compressed.length;
}

function textsOf(folder: string): Text[] {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	const texts = entries.filter((entry) => entry.isFile() && /\.([cm]?js|map|css|html|json|md|svg)$/.test(entry.name));
	const files = texts.map((entry) => join(entry.parentPath, entry.name));
	return files.map((file) => ({ file, bytes: statSync(file).size })).sort((a, b) => b.bytes - a.bytes);
}

async function compressAll(pool: Pool, texts: Text[], calls: [string, string][]): Promise<number> {
	const bar = new SingleBar({ stream: process.stdout, clearOnComplete: true, format: '{bar} {value} of {total} bytes' });
	bar.start(bytesOf(texts), 0);
	let done = 0;
	let compressed = 0;
	for await (const size of pool.istarmap(compress, calls)) {
		bar.increment(texts[done++]!.bytes);
		compressed += size;
	}
	bar.stop();
	return compressed;
}

function bytesOf(texts: Text[]): number {
	return texts.reduce((sum, { bytes }) => sum + bytes, 0);
}

if (isMain(import.meta)) {
	const folder = process.argv[2] ?? 'node_modules/@msgpack';
	const texts = textsOf(folder);
	const output = mkdtempSync(join(tmpdir(), 'compressed-'));
	const calls = texts.map(({ file }): [string, string] => [file, join(output, `${relative(folder, file)}.br`)]);
	await using pool = await new Pool().ready();

	try {
		const began = performance.now();
		const compressed = await compressAll(pool, texts, calls);
		const poolMs = performance.now() - began;
		for (const [source, target] of calls) compress(source, target);
		const aloneMs = performance.now() - began - poolMs;

		console.log(`${texts.length} files: ${bytesOf(texts)} bytes became ${compressed}`);
		console.log(`one process: ${aloneMs.toFixed()} ms, pool: ${poolMs.toFixed()} ms, ${(aloneMs / poolMs).toFixed(1)} times as fast`);
	} finally {
		rmSync(output, { recursive: true });
	}
}
