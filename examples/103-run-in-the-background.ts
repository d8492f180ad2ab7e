/**
 * Run processes in the background: a program waits for its ordinary processes, and ends its daemons when it ends.
 * So the daemon here never comes to its last line. (With `daemon: false` it would, after ten minutes.)
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
	// Joining is left to the end of the program: it joins the ordinary process, then ends the daemon.
}
