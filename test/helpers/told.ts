/** A process whose output is read: the values that its target reports, and what it writes to stderr. */
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Process, type ProcessOptions } from 'nprocs';

export class Told<A extends unknown[] = unknown[]> {
	readonly process: Process<A>;
	/** Everything on stderr, once it has been closed. */
	readonly errors: Promise<string>;
	readonly #lines: AsyncIterator<string>;

	/** Starts it, unless an object is given that is not started yet: then that. */
	constructor(options: ProcessOptions<A> | Process<A>) {
		this.process = options instanceof Process ? options : new (Process as new (options: object) => Process<A>)({ ...options, stdio: 'pipe' });
		this.process.start();
		if (this.process.daemon) void this.process.join(); // its output alone does not keep this process alive
		this.errors = text(this.process.stderr!);
		// Not the interface's own iterator: that one reads, and may pause, only while it is being asked.
		this.#lines = bufferedLines(createInterface({ input: this.process.stdout! }));
	}

	/** The next value that it has reported. */
	async next<T = unknown>(): Promise<T> {
		const { value, done } = await this.#lines.next();
		if (done === true) throw new Error(`The process has ended (${String(this.process)}). stderr: ${await this.errors}`);
		return JSON.parse(value as string) as T;
	}

	/** All that it reports from here to its end. */
	async rest(): Promise<unknown[]> {
		const values: unknown[] = [];
		for (let line = await this.#lines.next(); line.done !== true; line = await this.#lines.next()) values.push(JSON.parse(line.value));
		return values;
	}

	/** Its exit code, when it has ended. */
	async exit(): Promise<number | null> {
		await this.process.join();
		return this.process.exitCode;
	}
}

function bufferedLines(lines: ReturnType<typeof createInterface>): AsyncIterator<string> {
	const ready: string[] = [];
	let closed = false;
	let wake = (): void => {};
	lines.on('line', (line) => {
		ready.push(line);
		wake();
	});
	lines.on('close', () => {
		closed = true;
		wake();
	});
	return {
		async next() {
			while (ready.length === 0 && !closed) await new Promise<void>((resolve) => (wake = resolve));
			const value = ready.shift();
			return value === undefined ? { value: undefined, done: true } : { value, done: false };
		},
	};
}

/** Starts it, waits for its end, and gives what it reported and its exit code. */
export async function outcomeOf<A extends unknown[]>(
	options: ProcessOptions<A>,
): Promise<{ reported: unknown[]; exitCode: number | null; errors: string }> {
	const told = new Told(options);
	const reported = await told.rest();
	return { reported, exitCode: await told.exit(), errors: await told.errors };
}
