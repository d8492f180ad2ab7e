/** `node ours.js METHOD QUESTION TIMES`; the method fork needs `nprocs run`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Process, isMain, setStartMethod, type StartMethod } from 'nprocs';
import { measure, type Task, type Way } from './measure.ts';
import { measureNested, noteTime, noteTimeAndStay, nothing } from './targets.ts';

const targets: Record<Task, (file: string) => unknown> = { nothing, noteTime, noteTimeAndStay };

if (isMain(import.meta)) {
	const [method, question, times] = process.argv.slice(2) as [StartMethod, string, string];
	setStartMethod(method);
	if (question === 'nested') await nested(Number(times));
	else await measure(question === 'joinSync' ? blocking : asynchronous, question === 'joinSync' ? 'join' : question, Number(times));
}

function asynchronous(...[task, file]: Parameters<Way>): ReturnType<Way> {
	const p = new Process({ target: targets[task], args: [file] }).start();
	return { pid: p.pid, ended: () => p.join(), kill: () => p.kill() };
}

function blocking(...[task, file]: Parameters<Way>): ReturnType<Way> {
	const p = new Process({ target: targets[task], args: [file] }).start();
	return { pid: p.pid, ended: async () => p.joinSync(), kill: () => p.kill() };
}

async function nested(times: number): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'start-'));
	const file = join(folder, 'samples');
	await new Process({ target: measureNested, args: [file, times] }).start().join();
	const { samples } = JSON.parse(readFileSync(file, 'utf8')) as { samples: number[] };
	rmSync(folder, { recursive: true });
	console.log(JSON.stringify(samples));
}
