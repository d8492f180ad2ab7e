/**
 * SharedMemory: a block of bytes that goes to other processes without being copied. It is freed when nobody has it any
 * more.
 */
import { Process, SharedMemory, isMain } from 'nprocs';

export function fill(block: SharedMemory): void {
	new Uint32Array(block.buffer).fill(7);
}

if (isMain(import.meta)) {
	const block = new SharedMemory({ create: true, size: 4 * 1000 });
	await new Process({ target: fill, args: [block] }).start().join();
	console.log(new Uint32Array(block.buffer).reduce((sum, n) => sum + n, 0));
	block.close();
}
