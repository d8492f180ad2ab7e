/** wait() on many connections: whichever has something to say is heard, until all have ended. */
import { EOFError, isMain, Pipe, Process, wait, type Connection } from 'nprocs';

export async function report(connection: Connection<string>, name: string, count: number): Promise<void> {
	for (let i = 1; i <= count; i++) await connection.send(`${name} ${i} of ${count}`);
	connection.close();
}

if (isMain(import.meta)) {
	const readers = new Set<Connection<string>>();
	const processes = ['red', 'green', 'blue'].map((name, i) => {
		const [reader, writer] = Pipe<string>({ duplex: false });
		const process = new Process({ target: report, args: [writer, name, i + 1] }).start();
		// Only the child may hold the writing end, so that the file ends with the child.
		writer.close();
		readers.add(reader);
		return process;
	});
	while (readers.size > 0) {
		for (const reader of await wait(readers)) {
			try {
				console.log(await reader.recv());
			} catch (error) {
				if (!(error instanceof EOFError)) throw error;
				readers.delete(reader);
				reader.close();
			}
		}
	}
	for (const process of processes) await process.join();
	console.log('all have ended');
}
