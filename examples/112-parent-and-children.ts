/** The tree of processes: each knows its parent, its children and its own place, and can start processes in turn. */
import { Process, activeChildren, currentProcess, isMain, parentProcess } from 'nprocs';

export async function middle(): Promise<void> {
	const child = new Process({ target: leaf }).start();
	const children = activeChildren().map(({ name }) => name);
	console.log(`${currentProcess().name}: parent ${parentProcess()?.name}, children ${children}`);
	await child.join();
}

export function leaf(): void {
	console.log(`${currentProcess().name}: parent ${parentProcess()?.name}`);
}

if (isMain(import.meta)) {
	const child = new Process({ target: middle }).start();
	console.log(`${currentProcess().name}: parent ${parentProcess()}, children ${activeChildren().map(({ name }) => name)}`);
	await child.join();
}
