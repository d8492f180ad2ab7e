/** A ShareableList: a few values in shared memory, by name. */
import { Process, ShareableList, isMain } from 'nprocs';

export function change(name: string): void {
	using list = new ShareableList(null, { name });
	list[0] = 'done';
	list[2] = 2.5;
}

if (isMain(import.meta)) {
	const name = `list-${process.pid}`;
	using list = new ShareableList(['to do', 42, 1.5, true, null], { name });
	await new Process({ target: change, args: [name] }).start().join();
	console.log([...list]);
	list.shm.unlink(); // what has a name of its own stays until this
}
