/**
 * How a process has ended: its exit code. A signal counts negative; an error that nobody caught is printed with the
 * process's name, and gives 1.
 */
import { Process, isMain } from 'nprocs';

export function good(): void {}

export function code(n: number): void {
	process.exit(n);
}

export function bad(): void {
	throw new Error('there was something wrong');
}

export function suicide(): void {
	process.kill(process.pid, 'SIGKILL');
	for (;;);
}

if (isMain(import.meta)) {
	const processes = [
		new Process({ name: 'good', target: good }),
		new Process({ name: 'code', target: code, args: [3] }),
		new Process({ name: 'bad', target: bad }),
		new Process({ name: 'suicide', target: suicide }),
	];
	for (const p of processes) p.start();
	for (const p of processes) {
		await p.join();
		console.log(`${p.name}: exit code ${p.exitCode}`);
	}
}
