/**
 * A whole program: `node ours.js METHOD COUNT one-by-one|at-once` runs processes that print a line each. Imports
 * nothing but the library.
 */
import { Process, isMain, setStartMethod, type StartMethod } from 'nprocs';

export function print(i: number): void {
	console.log(`process ${i}`);
}

if (isMain(import.meta)) {
	const [method, count, how] = process.argv.slice(2) as [StartMethod, string, string];
	setStartMethod(method);
	const processes = Array.from({ length: Number(count) }, (_, i) => new Process({ target: print, args: [i] }));
	if (how === 'at-once') {
		for (const p of processes) p.start();
		for (const p of processes) await p.join();
	} else {
		for (const p of processes) await p.start().join();
	}
}
