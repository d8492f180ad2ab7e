/**
 * Fork the running program: any function can be the target, and it sees everything that its parent had in memory.
 * To be started with: npx nprocs run 115-fork-a-closure.js
 */
import { Process, isMain } from 'nprocs';

if (isMain(import.meta)) {
	const table = new Map(Array.from({ length: 100_000 }, (_, i) => [i, i * i]));
	let local = 1;

	const target = (): void => {
		local++;
		console.log(`child: the square of 777 is ${table.get(777)}, local is ${local}`);
	};
	const p = new Process({ target, context: 'fork' }).start();
	await p.join();
	console.log(`parent: local is still ${local}`);
}
