/**
 * A process that does what a test tells it, one call at a time, and can be killed or stopped at any moment.
 * `test/fixtures/actor/actor.ts` is the program that it runs.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { toHandle, type Shareable } from '#nprocs/codec/handle.js';
import { collectGarbage } from '#nprocs/memory/janitor.js';

interface Answer {
	id: number;
	value?: unknown;
	error?: { name: string; message: string; code?: string };
}

export class Actor {
	static readonly #all = new Set<Actor>();
	readonly #child: ChildProcess;
	readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
	readonly #ended: Promise<unknown>;
	#nextId = 1;
	#output = '';

	constructor(options: { execArgv?: string[]; env?: Record<string, string> } = {}) {
		const program = new URL('../fixtures/actor/actor.js', import.meta.url).pathname;
		this.#child = spawn(process.execPath, [...(options.execArgv ?? []), program], {
			stdio: ['pipe', 'pipe', 'inherit'],
			env: { ...process.env, ...options.env },
		});
		Actor.#all.add(this);
		this.#ended = once(this.#child, 'exit').then(() => this.#failAll());
		createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#take(line));
	}

	/** For `after`: ends all that a test file has started, and removes what the killed ones left. */
	static async killAll(): Promise<void> {
		await Promise.all([...Actor.#all].map((one) => one.kill()));
		collectGarbage();
	}

	get pid(): number {
		return this.#child.pid!;
	}

	/** Everything it printed that was no answer. */
	get output(): string {
		return this.#output;
	}

	get exitCode(): number | null {
		return this.#child.exitCode;
	}

	call<T = unknown>(operation: string, ...args: unknown[]): Promise<T> {
		const id = this.#nextId++;
		this.#child.stdin!.write(`${JSON.stringify({ id, operation, args })}\n`);
		return new Promise((resolve, reject) => this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject }));
	}

	/** Opens a shared object there, as a handle in a message would. */
	async open(objects: Record<string, Shareable>): Promise<void> {
		for (const [id, object] of Object.entries(objects)) await this.call('openObject', id, object[toHandle]());
	}

	/** Calls a method of an object that was opened. */
	invoke<T = unknown>(id: string, method: string, ...args: unknown[]): Promise<T> {
		return this.call<T>('invoke', id, method, ...args);
	}

	/** Tells without waiting for the answer: for calls that block until the process is killed. */
	tell(operation: string, ...args: unknown[]): void {
		this.call(operation, ...args).catch(() => {});
	}

	async kill(): Promise<void> {
		this.#child.kill('SIGKILL');
		await this.#ended;
	}

	/** Ends it by itself: its input ends, and it has nothing more to do. */
	async end(): Promise<void> {
		this.#child.stdin!.end();
		await this.#ended;
	}

	signal(name: NodeJS.Signals): void {
		this.#child.kill(name);
	}

	#take(line: string): void {
		if (!line.startsWith('{"id":')) {
			this.#output += `${line}\n`;
			return;
		}
		const answer = JSON.parse(line) as Answer;
		const waiting = this.#waiting.get(answer.id);
		this.#waiting.delete(answer.id);
		if (answer.error === undefined) waiting?.resolve(answer.value);
		else waiting?.reject(Object.assign(new Error(answer.error.message), { name: answer.error.name, code: answer.error.code }));
	}

	#failAll(): void {
		for (const { reject } of this.#waiting.values()) reject(new Error('The process ended.'));
		this.#waiting.clear();
	}
}
