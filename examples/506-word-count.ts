/**
 * Counts the words of all texts in a folder (the first argument, or node_modules): each process counts those of many
 * files, and its parent adds the counts up. A task takes many files, since a Map of one small file would cost more to
 * send than to count.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { isMain, Pool } from 'nprocs';

const filesOfTask = 20;

export function countWords(files: string[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const file of files) {
		for (const [word] of readFileSync(file, 'utf8')
			.toLowerCase()
			.matchAll(/\p{Letter}+/gu)) {
			counts.set(word, (counts.get(word) ?? 0) + 1);
		}
	}
	return counts;
}

function add(counts: Map<string, number>, total: Map<string, number>): void {
	for (const [word, count] of counts) total.set(word, (total.get(word) ?? 0) + count);
}

function textsOf(folder: string): string[] {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	const texts = entries.filter((entry) => entry.isFile() && /(\.md|\.d\.[cm]?ts)$/.test(entry.name));
	return texts.map((entry) => join(entry.parentPath, entry.name));
}

if (isMain(import.meta)) {
	const files = textsOf(process.argv[2] ?? 'node_modules');
	const batches = Array.from({ length: Math.ceil(files.length / filesOfTask) }, (_, i) => files.slice(i * filesOfTask, (i + 1) * filesOfTask));
	const bar = new SingleBar({ stream: process.stdout, clearOnComplete: true, format: '{bar} {value} of {total} batches' });
	await using pool = await new Pool().ready();

	const began = performance.now();
	const total = new Map<string, number>();
	bar.start(batches.length, 0);
	for await (const counts of pool.imapUnordered(countWords, batches)) {
		add(counts, total);
		bar.increment();
	}
	bar.stop();
	const poolMs = performance.now() - began;
	const alone = countWords(files);
	const aloneMs = performance.now() - began - poolMs;

	const mostFrequent = [...total].sort(([, a], [, b]) => b - a).slice(0, 5);
	console.log(`${files.length} files have ${total.size} different words; one process alone counts ${alone.size}`);
	for (const [word, count] of mostFrequent) console.log(`${count} times "${word}"`);
	console.log(`one process: ${aloneMs.toFixed()} ms, pool: ${poolMs.toFixed()} ms, ${(aloneMs / poolMs).toFixed(1)} times as fast`);
}
