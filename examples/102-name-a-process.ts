/** Name a process: one with a name of its own, one with the default name. They run at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, currentProcess, isMain } from 'nprocs';

export async function myFunc(): Promise<void> {
	const { name } = currentProcess();
	console.log(`Starting process name = ${name}`);
	await sleep(300);
	console.log(`Exiting process name = ${name}`);
}

if (isMain(import.meta)) {
	const withName = new Process({ name: 'myFunc process', target: myFunc });
	const withDefaultName = new Process({ target: myFunc });
	withName.start();
	withDefaultName.start();
	await withName.join();
	await withDefaultName.join();
}
