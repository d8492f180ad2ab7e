/** The ways to start a process: the same program under each of them, and what differs. */
import { getAllStartMethods, getContext, getStartMethod, isMain } from 'nprocs';

let imports = 0;
imports++;

export function target(): void {
	console.log(`  the target runs; this process has imported the module ${imports} time`);
}

if (isMain(import.meta)) {
	console.log(`the default here is ${getStartMethod()}`);
	for (const method of getAllStartMethods()) {
		const context = getContext(method);
		const startedAt = performance.now();
		const p = new context.Process({ target }).start();
		await p.join();
		console.log(`${method}: ${Math.round(performance.now() - startedAt)} ms`);
	}
}
