/** Kill a process, and see its states: before it is started, running, terminated, joined. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Process, isMain } from 'nprocs';

export async function foo(): Promise<void> {
	console.log('Starting function');
	for (let i = 0; i < 10; i++) {
		console.log(`-->${i}`);
		await sleep(1000);
	}
	console.log('Finished function');
}

if (isMain(import.meta)) {
	const p = new Process({ target: foo });
	console.log('Process before execution:', p, p.isAlive());
	p.start();
	console.log('Process running:', p, p.isAlive());
	p.terminate(); // only sends the signal: it may take a moment
	console.log('Process terminated:', p, p.isAlive());
	await p.join();
	console.log('Process joined:', p, p.isAlive());
	console.log('Process exit code:', p.exitCode);
}
