/**
 * Run processes in the background: a program ends its daemons when it has nothing left to do, and waits for its
 * ordinary processes. So the daemon here never comes to its last line. (With `daemon: false` it would, after ten
 * minutes.)
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, currentProcess, isMain } from 'nprocs';

export async function foo(): Promise<void> {
	const { name, daemon } = currentProcess();
	console.log(`Starting ${name}`);
	const first = daemon ? 0 : 5;
	for (let i = first; i < first + 5; i++) console.log(`---> ${i}`);
	await sleep(daemon ? 600_000 : 1_000);
	console.log(`Exiting ${name}`);
}

if (isMain(import.meta)) {
	const background = new Process({ name: 'background_process', target: foo, daemon: true });
	const noBackground = new Process({ name: 'NO_background_process', target: foo, daemon: false });
	background.start();
	noBackground.start();
	// Without this line, the program would wait for the ordinary process all the same, but end the daemon first.
	await noBackground.join();
}
