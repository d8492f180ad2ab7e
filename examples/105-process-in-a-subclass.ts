/** Use a process in a subclass: its `run()` is what the process does, and its fields go with it. */
import { Process, isMain } from 'nprocs';

export class MyProcess extends Process {
	readonly number: number;

	constructor(number: number) {
		super();
		this.number = number;
	}

	override run(): void {
		console.log(`called run method in ${this.name}, number ${this.number}`);
	}
}

if (isMain(import.meta)) {
	for (let i = 0; i < 10; i++) {
		const process = new MyProcess(i * i);
		process.start();
		await process.join();
	}
}
