/** Spawn a process: five calls of a function, each in a process of its own, one after another. */
import { Process, isMain } from 'nprocs';

export function myFunc(i: number): void {
	console.log(`calling myFunc from process n°: ${i}`);
	for (let j = 0; j < i; j++) console.log(`output from myFunc is :${j}`);
}

if (isMain(import.meta)) {
	for (let i = 0; i < 5; i++) {
		const process = new Process({ target: myFunc, args: [i] });
		process.start();
		await process.join();
	}
}
