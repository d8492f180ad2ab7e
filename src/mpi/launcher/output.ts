/**
 * What ranks print, passed on by whole lines, so that no two ranks write into one line, however they write.
 *
 * Where the launcher writes to a terminal, ranks write there themselves, unless lines are tagged: prompts, colours and
 * progress bars are for people.
 */
import { readSync, writeSync } from 'node:fs';
import { addon } from '../../native/addon.ts';
import { closeAll, isReadable, sleepSync } from '../../native/descriptor.ts';
import { check } from '../../native/raise.ts';
import { Watch } from '../../native/watch.ts';
import { ownFd } from '../../process/start/launcher.ts';

export interface RankOutput {
	readonly stdout: number;
	readonly stderr: number;
	readonly isPiped: boolean;
}

export class Output {
	readonly #tags: boolean;
	readonly #pipes: LinePipe[] = [];
	readonly #theirs: number[] = [];
	#failure: string | undefined;
	/** Called once with the error's name when nothing can be passed on any more: `EPIPE` when nobody reads it. */
	onFailure = (_failure: string): void => {};

	constructor(options: { readonly tags: boolean }) {
		this.#tags = options.tags;
	}

	/** Descriptors for a rank. */
	open(rank: number): RankOutput {
		const [stdout, stderr] = [1, 2].map((fd) => this.#openOne(rank, fd)) as [number, number];
		return { stdout, stderr, isPiped: this.#pipes.length > 0 };
	}

	#openOne(rank: number, fd: number): number {
		if (!this.#tags && process.stdout.isTTY && process.stderr.isTTY) return ownFd(fd);
		const pipe = addon().pipe();
		if (typeof pipe === 'number') return check(pipe, "open a pipe for a rank's output");
		this.#pipes.push(
			new LinePipe({ from: pipe[0], to: fd, rank, prefix: this.#tags ? `[${rank}] ` : '', onFailure: (failure) => this.#fail(failure) }),
		);
		this.#theirs.push(pipe[1]);
		return pipe[1];
	}

	/** When the ranks have them. */
	closeTheirs(): void {
		closeAll(this.#theirs.splice(0));
	}

	/** Passes on what the rank has written until now. */
	drain(rank: number): void {
		for (const pipe of this.#pipes) if (pipe.rank === rank) pipe.drain();
	}

	#fail(failure: string): void {
		if (this.#failure !== undefined) return;
		this.#failure = failure;
		this.onFailure(failure);
	}

	/**
	 * When all ranks have ended: passes on the rest. What they have started may go on writing, to nobody. Returns the
	 * error of what could not be passed on, now or before.
	 */
	finish(): string | undefined {
		for (const pipe of this.#pipes) pipe.drain();
		for (const fd of [1, 2]) {
			const rests = this.#pipes.filter(({ to }) => to === fd).flatMap((pipe) => pipe.takeRest());
			const failure = writeAll(fd, Buffer.concat(rests.flatMap((rest, i) => (i === 0 ? [rest] : [newline, rest]))));
			if (failure !== undefined) this.#fail(failure);
		}
		for (const pipe of this.#pipes) pipe.close();
		return this.#failure;
	}
}

const newline = Buffer.from('\n');
const newlineByte = 10;

interface PipeOptions {
	readonly from: number;
	readonly to: number;
	readonly rank: number;
	readonly prefix: string;
	readonly onFailure: (failure: string) => void;
}

class LinePipe {
	readonly rank: number;
	readonly to: number;
	readonly #from: number;
	readonly #prefix: Buffer;
	readonly #onFailure: (failure: string) => void;
	/** The line that has not ended. */
	#open: Buffer[] = [];
	#watch: Watch | undefined;

	constructor({ from, to, rank, prefix, onFailure }: PipeOptions) {
		this.#from = addon().closeAtEnd(from);
		this.to = to;
		this.rank = rank;
		this.#prefix = Buffer.from(prefix);
		this.#onFailure = onFailure;
		this.#watch = new Watch(from, () => this.#read()).unref();
	}

	/** Reads what is there, without waiting. */
	drain(): void {
		while (this.#watch !== undefined && isReadable(this.#from)) this.#read();
	}

	takeRest(): Buffer[] {
		const rest = Buffer.concat(this.#open.splice(0));
		return rest.length === 0 ? [] : [Buffer.concat([this.#prefix, rest])];
	}

	close(): void {
		if (this.#watch === undefined) return;
		this.#watch.close();
		this.#watch = undefined;
		addon().closeFd(this.#from);
	}

	#read(): void {
		const length = readSync(this.#from, chunk, 0, chunk.length, null);
		if (length === 0) return this.close();
		const end = chunk.lastIndexOf(newlineByte, length - 1) + 1;
		if (end > 0) {
			const lines = Buffer.concat([...this.#open.splice(0), chunk.subarray(0, end)]);
			const failure = writeAll(this.to, this.#prefix.length === 0 ? lines : this.#withPrefix(lines));
			if (failure !== undefined) return this.#onFailure(failure);
		}
		if (end < length) this.#open.push(Buffer.from(chunk.subarray(end, length)));
	}

	#withPrefix(lines: Buffer): Buffer {
		const parts: Buffer[] = [];
		for (let at = 0; at < lines.length;) {
			const end = lines.indexOf(newlineByte, at) + 1;
			parts.push(this.#prefix, lines.subarray(at, end));
			at = end;
		}
		return Buffer.concat(parts);
	}
}

const chunk = Buffer.allocUnsafe(64 * 1024);

/** Returns the name of the error that it met. */
function writeAll(fd: number, bytes: Buffer): string | undefined {
	for (let at = 0; at < bytes.length;) {
		try {
			at += writeSync(fd, bytes, at);
		} catch (error) {
			const { code = 'EIO' } = error as { code?: string };
			if (code !== 'EAGAIN') return code;
			sleepSync(1); // somebody has made it non-blocking
		}
	}
	return undefined;
}
