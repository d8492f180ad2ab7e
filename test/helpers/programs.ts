/** Whole programs as tests run them: one of the fixtures, or a small project of a user written for the occasion. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';

const repository = join(import.meta.dirname, '../../..');

/** A folder with these files, where `nprocs` can be imported as if it were installed. It is removed after the tests. */
export function project(files: Record<string, string>): string {
	const folder = mkdtempSync(join(tmpdir(), 'project-'));
	after(() => rmSync(folder, { recursive: true, force: true }));
	mkdirSync(join(folder, 'node_modules'));
	symlinkSync(repository, join(folder, 'node_modules/nprocs'));
	for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
	return folder;
}

export class Program {
	readonly child: ChildProcess;
	stdout = '';
	stderr = '';
	readonly #lines: string[] = [];
	#wake = (): void => {};
	readonly #closed: Promise<unknown>;
	readonly #exited: Promise<[number | null, NodeJS.Signals | null]>;

	/**
	 * `command` is what follows `node`. It leads a process group of its own, so that it can be signalled as a terminal
	 * does.
	 */
	constructor(
		command: readonly string[],
		{
			cwd,
			node = process.execPath,
			env,
			stdin = 'ignore',
		}: { cwd?: string; node?: string; env?: Record<string, string>; stdin?: 'ignore' | 'pipe' } = {},
	) {
		this.child = spawn(node, command, {
			stdio: [stdin, 'pipe', 'pipe'],
			detached: true,
			env: { ...process.env, ...env },
			...(cwd !== undefined && { cwd }),
		});
		this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
		this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
		createInterface({ input: this.child.stdout! }).on('line', (line) => {
			this.#lines.push(line);
			this.#wake();
		});
		this.#exited = once(this.child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
		this.#closed = once(this.child, 'close').then(() => this.#wake());
	}

	get pid(): number {
		return this.child.pid!;
	}

	/** The next line of its output, or of that of its children. */
	async line(): Promise<string> {
		while (this.#lines.length === 0) {
			if (this.child.stdout!.closed) throw new Error(`There is no more output. stderr: ${this.stderr}`);
			await new Promise<void>((resolve) => (this.#wake = resolve));
		}
		return this.#lines.shift()!;
	}

	/** All lines that are still to come. */
	async *lines(): AsyncGenerator<string> {
		while (this.#lines.length > 0 || !this.child.stdout!.closed) {
			if (this.#lines.length > 0) yield this.#lines.shift()!;
			else await new Promise<void>((resolve) => (this.#wake = resolve));
		}
	}

	/** Resolves when it has written this to stderr. */
	async error(pattern: RegExp): Promise<void> {
		while (!pattern.test(this.stderr)) {
			if (this.child.stderr!.closed) throw new Error(`${pattern} is not on stderr: ${this.stderr}`);
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}

	/** The exit code or signal of the program itself; its children may still run. */
	async exit(): Promise<number | string | null> {
		const [code, signal] = await this.#exited;
		return signal ?? code;
	}

	/** The same, when nobody has its output open any more: all that wrote there have ended. */
	async end(): Promise<number | string | null> {
		await this.#closed;
		return this.exit();
	}

	signal(name: NodeJS.Signals): void {
		process.kill(this.pid, name);
	}

	/** As a terminal does for Ctrl-C. */
	signalGroup(name: NodeJS.Signals): void {
		process.kill(-this.pid, name);
	}
}

export function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

/** Resolves when no process has this pid any more. (Those that are not our children cannot be waited for.) */
export async function gone(pid: number): Promise<void> {
	while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}
