/**
 * Cases that a program of its own goes through, one after another, under one start method.
 *
 * A test file cannot do it itself: node:test's handlers would be in every forked copy of it, and a copy that unwinds
 * would be one more test run. So the cases stand in a module under test/fixtures that is also a program; this runs it,
 * under `nprocs run` for the method `fork`, and makes a test of each case. The program must end by itself when the last
 * case is done: nothing may keep it alive.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { setStartMethod, type StartMethod } from 'nprocs';
import { isFull } from './full.ts';

export type Cases = Record<string, (method: StartMethod) => unknown>;

export const everyMethod: readonly StartMethod[] = ['forkserver', 'spawn', 'fork'];
/** For what cannot be seen where the child has the parent's memory. */
export const methodsWithFreshMemory: readonly StartMethod[] = ['forkserver', 'spawn'];

/** Begins the lines that are results; what else is printed comes from the cases' processes. */
const mark = '@case ';
const cli = join(import.meta.dirname, '../../../dist/cli/main.js');

/** In the program, when it is the main module: `program.js METHOD [PART OF A NAME]…`. */
export async function runCases(cases: Cases): Promise<void> {
	const [method, ...wanted] = process.argv.slice(2) as [StartMethod, ...string[]];
	setStartMethod(method);
	let hasFailed = false;
	for (const [name, run] of Object.entries(cases)) {
		if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
		say({ name });
		try {
			await run(method);
			say({ name, outcome: 'passed' });
		} catch (error) {
			say({ name, outcome: inspect(error) });
			hasFailed = true;
		}
	}
	if (hasFailed) process.exit(1); // what a case has left open when it failed would keep it alive
}

function say(line: { name: string; outcome?: string }): void {
	if (process.stdout.isTTY) console.log(...Object.values(line));
	else writeSync(1, `${mark}${JSON.stringify(line)}\n`);
}

export interface CasesOptions {
	/** @default everyMethod */
	readonly methods?: readonly StartMethod[];
	/**
	 * One method goes through the whole table; of these, `npm test` goes through the cases whose names begin so, and
	 * `npm run test:full` through all.
	 * @default all cases under all methods
	 */
	readonly inBrief?: Partial<Record<StartMethod, readonly string[]>>;
}

/**
 * In the test file: a test for each case under each method. `program` is the module's path from
 * `test/fixtures/process`.
 */
export function testCases(program: string, cases: Cases, { methods = everyMethod, inBrief = {} }: CasesOptions = {}): void {
	for (const method of methods) {
		describe(method, () => {
			const names = isFull ? Object.keys(cases) : chosen(Object.keys(cases), inBrief[method]);
			const run = new CaseRun(program, method, names);
			after(() => run.kill());
			for (const name of names) {
				test(name, async () => {
					const outcome = await run.outcome(name);
					if (outcome !== 'passed') assert.fail(outcome);
				});
			}
			test('then the program ends by itself', async () => {
				assert.deepEqual(await run.end(), [0, null]);
			});
		});
	}
}

function chosen(names: readonly string[], beginnings: readonly string[] | undefined): readonly string[] {
	if (beginnings === undefined) return names;
	for (const beginning of beginnings)
		assert.ok(
			names.some((name) => name.startsWith(beginning)),
			`no case begins with "${beginning}"`,
		);
	return names.filter((name) => beginnings.some((beginning) => name.startsWith(beginning)));
}

export function programFile(name: string): string {
	return join(fileURLToPath(new URL('../fixtures/process/', import.meta.url)), name);
}

/** What starts a program so that it may use the method. */
export function commandFor(method: StartMethod, file: string, ...args: string[]): string[] {
	return method === 'fork' ? [cli, 'run', file, ...args] : [file, ...args];
}

class CaseRun {
	readonly #command: string[];
	#child: ChildProcess | undefined;
	#ended: Promise<[number | null, string | null]> | undefined;
	#errors = '';
	readonly #outcomes = new Map<string, PromiseWithResolvers>();

	constructor(program: string, method: StartMethod, names: readonly string[]) {
		this.#command = commandFor(method, programFile(program), method, ...names);
	}

	async outcome(name: string): Promise<string> {
		this.#start();
		return (await Promise.race([this.#slot(name).promise, this.#untimelyEnd()])) as string;
	}

	end(): Promise<[number | null, string | null]> {
		this.#start();
		return this.#ended!;
	}

	kill(): void {
		this.#child?.kill('SIGKILL');
	}

	#start(): void {
		if (this.#child !== undefined) return;
		this.#child = spawn(process.execPath, this.#command, { stdio: ['ignore', 'pipe', 'pipe'] });
		this.#ended = once(this.#child, 'exit') as Promise<[number | null, string | null]>;
		this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
		createInterface({ input: this.#child.stdout! }).on('line', (line) => {
			if (!line.startsWith(mark)) return;
			const { name, outcome } = JSON.parse(line.slice(mark.length)) as { name: string; outcome?: string };
			if (outcome !== undefined) this.#slot(name).resolve(outcome === 'passed' ? outcome : `${outcome}\nstderr:\n${this.#errors.slice(-4000)}`);
		});
	}

	async #untimelyEnd(): Promise<string> {
		const [code, signal] = await this.#ended!;
		await new Promise((resolve) => setTimeout(resolve, 100)); // what it has said by then is still read
		return `The program ended too early, with ${signal ?? code}.\nstderr:\n${this.#errors.slice(-4000)}`;
	}

	#slot(name: string): PromiseWithResolvers {
		let slot = this.#outcomes.get(name);
		if (slot === undefined) this.#outcomes.set(name, (slot = withResolvers()));
		return slot;
	}
}

interface PromiseWithResolvers {
	promise: Promise<string>;
	resolve: (value: string) => void;
}

function withResolvers(): PromiseWithResolvers {
	let resolve!: (value: string) => void;
	const promise = new Promise<string>((settle) => (resolve = settle));
	return { promise, resolve };
}
