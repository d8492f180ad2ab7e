/**
 * With `stdio: 'prefix'`: what a worker writes goes to this process's output, in whole lines with the worker's name in
 * front.
 */
import { clearTimeout, setTimeout } from '../../base/clock.ts';
import type { Readable, Writable } from 'node:stream';

const keptLines = 20;
/** A process that the worker has left behind may keep the pipe open. */
const endMs = 200;

export class PrefixedOutput {
	readonly #lines: string[] = [];
	#open = 0;
	readonly #onEnd: (() => void)[] = [];

	constructor(prefix: string, { stdout, stderr }: { stdout: Readable | null; stderr: Readable | null }) {
		this.#follow(stdout, (line) => write(process.stdout, prefix + line));
		this.#follow(stderr, (line) => {
			this.#lines.push(line);
			if (this.#lines.length > keptLines) this.#lines.shift();
			write(process.stderr, prefix + line);
		});
	}

	/** What it has written to stderr last. */
	lastLines(): string {
		return this.#lines.join('\n');
	}

	/** Calls back when everything was read. */
	whenEnded(listener: () => void): void {
		let isTold = false;
		const tell = (): void => {
			clearTimeout(timer);
			if (!isTold) listener();
			isTold = true;
		};
		const timer = setTimeout(tell, endMs);
		if (this.#open === 0) tell();
		else this.#onEnd.push(tell);
	}

	#follow(stream: Readable | null, onLine: (line: string) => void): void {
		if (stream === null) return;
		this.#open++;
		let rest = '';
		stream.setEncoding('utf8');
		stream.on('data', (text: string) => {
			const lines = (rest + text).split('\n');
			rest = lines.pop()!;
			for (const line of lines) onLine(line);
		});
		stream.on('error', () => {}); // 'close' follows
		stream.once('close', () => {
			if (rest !== '') onLine(rest);
			if (--this.#open === 0) for (const listener of this.#onEnd.splice(0)) listener();
		});
	}
}

function write(to: Writable, line: string): void {
	to.write(`${line}\n`);
}
