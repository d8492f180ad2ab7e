/** Processes of plain Node, as many as asked for: how long until all have said that they run. Prints milliseconds. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

if (process.send !== undefined) process.send('ready', () => process.disconnect());
else {
	const [count, times] = process.argv.slice(2).map(Number) as [number, number];
	const samples: number[] = [];
	for (let i = 0; i < times; i++) samples.push(await ready(count));
	console.log(JSON.stringify(samples));
}

async function ready(count: number): Promise<number> {
	const startedAt = performance.now();
	const children = Array.from({ length: count }, () => fork(fileURLToPath(import.meta.url)));
	const ended = children.map((child) => once(child, 'exit'));
	await Promise.all(children.map((child) => once(child, 'message')));
	const ms = performance.now() - startedAt;
	await Promise.all(ended);
	return ms;
}
