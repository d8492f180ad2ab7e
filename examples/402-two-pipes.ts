/**
 * Objects through two pipes: one process sends 0 to 9, the next one their squares, and the end of the file goes
 * through.
 */
import { EOFError, isMain, Pipe, Process, type Connection } from 'nprocs';

type Ends = [Connection<number>, Connection<number>];

export async function createItems([output]: Ends): Promise<void> {
	for (let item = 0; item < 10; item++) await output.send(item);
	output.close();
}

export async function multiplyItems([unused, input]: Ends, [output]: Ends): Promise<void> {
	// Who holds the sending end keeps the file from ending.
	unused.close();
	try {
		for (;;) {
			const item = await input.recv();
			await output.send(item * item);
		}
	} catch (error) {
		if (!(error instanceof EOFError)) throw error;
		output.close();
	}
}

if (isMain(import.meta)) {
	const first = Pipe<number>();
	const second = Pipe<number>();
	const creator = new Process({ target: createItems, args: [first] }).start();
	const multiplier = new Process({ target: multiplyItems, args: [first, second] }).start();
	first[0].close();
	second[0].close();
	try {
		for (;;) console.log(await second[1].recv());
	} catch (error) {
		if (!(error instanceof EOFError)) throw error;
		console.log('End');
	}
	await creator.join();
	await multiplier.join();
	first[1].close();
	second[1].close();
}
