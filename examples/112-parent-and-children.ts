/** The tree of processes: each knows its parent, its children and its own place, and can start processes in turn. */
import { Event, Process, activeChildren, currentProcess, isMain, parentProcess } from 'nprocs';

export async function middle(): Promise<void> {
	const counted = new Event();
	const child = new Process({ target: leaf, args: [counted] }).start();
	const children = activeChildren().map(({ name }) => name);
	console.log(`${currentProcess().name}: parent ${parentProcess()?.name}, children ${children}`);
	counted.set(); // until then the child is alive
	await child.join();
}

export async function leaf(counted: Event): Promise<void> {
	console.log(`${currentProcess().name}: parent ${parentProcess()?.name}`);
	await counted.wait();
}

if (isMain(import.meta)) {
	const child = new Process({ target: middle }).start();
	console.log(`${currentProcess().name}: parent ${parentProcess()}, children ${activeChildren().map(({ name }) => name)}`);
	await child.join();
}
