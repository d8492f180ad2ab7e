/** A SharedMemoryManager frees all that was made by it. */
import { SharedMemory, SharedMemoryManager, isMain } from 'nprocs';

if (isMain(import.meta)) {
	const manager = await new SharedMemoryManager().start();
	const { name } = manager.SharedMemory(1000);
	const list = manager.ShareableList([1, 2, 3]);
	console.log(new SharedMemory({ name }).size, [...list]);
	await manager.shutdown();
	try {
		new SharedMemory({ name });
	} catch (error) {
		console.log((error as { code: string }).code);
	}
}
