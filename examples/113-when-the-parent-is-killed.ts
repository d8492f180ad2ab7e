/**
 * What becomes of the children when their parent is killed, without a chance to clean up: a daemon is killed at the
 * same moment, by the kernel, even while it computes. Another process lives on; if it wants to, it hears of its
 * parent's death at once.
 */
import { Process, Pipe, isMain, parentProcess, type Connection } from 'nprocs';

export async function parent(reports: Connection<string>): Promise<void> {
	new Process({ target: daemon, args: [reports], daemon: true }).start();
	const other = new Process({ target: survivor, args: [reports] }).start();
	await other.join(); // with nothing left to do, it would end its daemon itself
}

export function daemon(reports: Connection<string>): void {
	reports.sendSync('daemon: I compute for ever');
	for (;;);
}

export async function survivor(reports: Connection<string>): Promise<void> {
	await reports.send('survivor: I wait for the end of my parent');
	await parentProcess()!.join();
	await reports.send('survivor: my parent is dead');
}

if (isMain(import.meta)) {
	const [reader, writer] = Pipe<string>({ duplex: false });
	const p = new Process({ target: parent, args: [writer] }).start();
	writer.close(); // the children have it: when the last of them has ended, there is nothing left to read
	console.log(await reader.recv());
	console.log(await reader.recv());
	p.kill();
	for await (const report of reader) console.log(report);
	console.log('all have ended');
}
