/**
 * More than 2 GiB in one message, for real: as an argument, through a queue, through a pipe; one array, several, texts.
 * Needs 16 GB of free memory, without which it says so and does nothing. By `npm run soak -- large`.
 */
import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import { isMain, Pipe, Process, Queue, type StartMethod } from 'nprocs';

const gib = 2 ** 30;
const neededBytes = 16 * gib;

/** Each: a value, and a few numbers that show whether it has arrived whole. */
const kinds: Record<string, { make: () => unknown; look: (value: never) => unknown[] }> = {
	'a typed array': {
		make: () => marked(new Uint8Array(2.2 * gib)),
		look: (array: Uint8Array) => [array.length, array[0], array.at(-1)],
	},
	'several arrays in an object': {
		make: () => ({ first: marked(new Float64Array(1.2 * 2 ** 27)), rest: [marked(new Uint8Array(1.1 * gib))] }),
		look: ({ first, rest }: { first: Float64Array; rest: [Uint8Array] }) => [first.length, first.at(-1), rest[0].length, rest[0].at(-1)],
	},
	texts: {
		make: () => Array.from({ length: 9 }, (_, i) => 'x'.repeat(2 ** 28) + i),
		look: (texts: string[]) => texts.map((text) => `${text.length} ${text.at(-1)}`),
	},
	'wide texts': {
		make: () => Array.from({ length: 5 }, (_, i) => '€'.repeat(2 ** 28) + i),
		look: (texts: string[]) => texts.map((text) => `${text.length} ${text.at(-1)}`),
	},
};

function marked<A extends Uint8Array | Float64Array>(array: A): A {
	array[0] = 1;
	array[array.length - 1] = 7;
	return array;
}

export async function lookAt(kind: string, value: unknown, answers: Queue<unknown[]>): Promise<void> {
	await answers.put(kinds[kind]!.look(value as never));
}

const ways: Record<string, (kind: string, value: unknown) => Promise<unknown[]>> = {
	forkserver: (kind, value) => byArgument('forkserver', kind, value),
	spawn: (kind, value) => byArgument('spawn', kind, value),
	async queue(kind, value) {
		using queue = new Queue<unknown>();
		await queue.put(value);
		return kinds[kind]!.look((await queue.get()) as never);
	},
	async pipe(kind, value) {
		const [reader, writer] = Pipe<unknown>();
		const sent = writer.send(value);
		const got = await reader.recv();
		await sent;
		reader.close();
		writer.close();
		return kinds[kind]!.look(got as never);
	},
};

async function byArgument(context: StartMethod, kind: string, value: unknown): Promise<unknown[]> {
	using answers = new Queue<unknown[]>();
	const child = new Process({ target: lookAt, args: [kind, value, answers], context }).start();
	await child.join();
	assert.equal(child.exitCode, 0);
	return answers.get(0);
}

if (isMain(import.meta)) {
	if (freemem() < neededBytes) console.log('skipped: it needs 16 GB of free memory');
	else {
		for (const [kind, { make, look }] of Object.entries(kinds)) {
			for (const [way, send] of Object.entries(ways)) {
				const startedAt = performance.now();
				const value = make();
				assert.deepEqual(await send(kind, value), look(value as never), `${kind} by ${way}`);
				console.log(`${kind} by ${way}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
			}
		}
	}
}
