/**
 * The frame of the benchmarks. One file asks one question and lets contenders answer it in the same run, ours first:
 *
 *     await question('What does an uncontended lock cost?', { unit: 'ns', better: 'lower', ours: 'Lock' }, {
 *         Lock: micro(() => { lock.acquireSync(); lock.release(); }),
 *         'Python Lock': python(`…prints a JSON array of numbers of the unit…`),
 *     });
 *
 * Machines differ and are noisy, so only ratios within one run are compared. Contenders take turns in rounds: what
 * slows the machine for a while slows all of them. A micro benchmark is mitata's; everything else brings its own
 * samples.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from 'mitata';

/** Some samples in the question's unit, or undefined when the contender cannot run here. */
export type Contender = () => Promise<readonly number[] | undefined>;

export interface QuestionOptions {
	/** Of every sample: `'ns'`, `'µs'`, `'messages/s'`. */
	unit: string;
	better: 'lower' | 'higher';
	/** The contender to which the others are compared. */
	ours: string;
	/** @default 3 */
	rounds?: number;
	/** What the ratio to a contender's median must reach, in words; printed below the table. */
	aim?: string;
}

/**
 * `--part TEXT`: only questions whose title contains it (several: one of them). `--rounds N`: of questions that do not
 * say how many.
 */
const { values: wanted } = parseArgs({ options: { part: { type: 'string', multiple: true }, rounds: { type: 'string' } }, strict: false });

/** Whether a question is asked in this run. */
export function isWanted(title: string): boolean {
	const parts = (wanted.part ?? []) as string[];
	return parts.length === 0 || parts.some((part) => title.toLowerCase().includes(part.toLowerCase()));
}

/** How many rounds contenders take turns in. */
export function roundsOr(count: number): number {
	return wanted.rounds === undefined ? count : Number(wanted.rounds);
}

interface Row {
	name: string;
	samples: number[];
}

export async function question(title: string, options: QuestionOptions, contenders: Readonly<Record<string, Contender>>): Promise<void> {
	if (contenders[options.ours] === undefined) throw new Error(`there is no contender "${options.ours}"`);
	if (!isWanted(title)) return;
	printHeaderOnce();
	const rows = Object.keys(contenders).map((name): Row => ({ name, samples: [] }));
	for (let round = 0; round < (options.rounds ?? roundsOr(3)); round++) {
		for (const row of rows) row.samples = row.samples.concat((await contenders[row.name]!()) ?? []);
	}
	console.log(`\n${title}  [${options.unit}, ${options.better} is better]`);
	printTable(rows, options);
	if (options.aim !== undefined) console.log(`  aim: ${options.aim}`);
}

/**
 * A function that is called very often, in a tight loop; samples are nanoseconds per call. Asynchronous ones are
 * awaited.
 */
export function micro(call: () => unknown, { perCall = 1, seconds = 0.3 }: { perCall?: number; seconds?: number } = {}): Contender {
	return async () => {
		const { samples } = await measure(call, { min_cpu_time: seconds * 1e9 });
		return samples.map((ns) => ns / perCall);
	};
}

/** Measures calls one by one, in the unit that the function returns. For what takes microseconds and more. */
export function each(times: number, sample: () => number | Promise<number>): Contender {
	return async () => {
		const samples: number[] = [];
		for (let i = 0; i < times; i++) samples.push(await sample());
		return samples;
	};
}

/** How many milliseconds an action takes. */
export async function milliseconds(action: () => unknown): Promise<number> {
	const startedAt = performance.now();
	await action();
	return performance.now() - startedAt;
}

/**
 * A program for Python 3 that prints one JSON array of samples as its last line. Left out where there is no `python3`.
 */
export function python(program: string, ...args: string[]): Contender {
	return async () => (pythonVersion() === undefined ? undefined : samplesOf('python3', ['-c', program, ...args]));
}

/** The same for a Node program: a file, run by the Node that runs us. */
export function nodeProgram(path: string, ...args: string[]): Contender {
	return () => samplesOf(process.execPath, [path, ...args]);
}

function samplesOf(command: string, args: readonly string[]): Promise<number[]> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		let output = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
		child.once('error', reject);
		child.once('close', (code, signal) => {
			if (code !== 0) return reject(new Error(`${command} ended with ${signal ?? `exit code ${code}`}`));
			resolve(JSON.parse(output.trimEnd().split('\n').at(-1)!) as number[]);
		});
	});
}

function printTable(rows: readonly Row[], { better, ours }: QuestionOptions): void {
	const base = median(rows.find(({ name }) => name === ours)!.samples);
	const width = Math.max(...rows.map(({ name }) => name.length));
	console.log(`  ${''.padEnd(width)}  ${['min', 'median', 'p99', 'samples'].map((title) => title.padStart(11)).join('')}   ours is`);
	for (const { name, samples } of rows) {
		if (samples.length === 0) {
			console.log(`  ${name.padEnd(width)}  cannot run here`);
			continue;
		}
		const figures = [least(samples), median(samples), quantile(samples, 0.99)].map((figure) => shown(figure).padStart(11));
		const ratio = better === 'lower' ? median(samples) / base : base / median(samples);
		const verdict = name === ours ? '' : `${ratio.toFixed(2)} × better`;
		console.log(`  ${name.padEnd(width)}  ${figures.join('')}${String(samples.length).padStart(11)}   ${verdict}`);
	}
}

function least(samples: readonly number[]): number {
	return samples.reduce((least, sample) => Math.min(least, sample), Infinity);
}

export function median(samples: readonly number[]): number {
	return quantile(samples, 0.5);
}

function quantile(samples: readonly number[], q: number): number {
	const sorted = Float64Array.from(samples).sort();
	return sorted[Math.floor(q * (sorted.length - 1))] ?? NaN;
}

export function shown(figure: number): string {
	if (figure >= 1000) return Math.round(figure).toLocaleString('en');
	return figure.toPrecision(3);
}

let headerPrinted = false;
export function printHeaderOnce(): void {
	if (headerPrinted) return;
	headerPrinted = true;
	const processors = cpus();
	const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
	console.log(`${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${memory}, Linux ${release()}`);
	console.log(`Node ${process.version}, V8 ${process.versions.v8}, ${pythonVersion() ?? 'no Python'}`);
	if (loadavg()[0]! > 0.7)
		console.log(`! The machine is busy (load ${loadavg()[0]!.toFixed(1)}): figures are worth little, ratios less than usual.`);
	for (const line of leftOvers()) console.log(`! Another process of this project is running: ${line}`);
}

let pythonFound: string | undefined | null;
function pythonVersion(): string | undefined {
	if (pythonFound === undefined) {
		const { stdout, status } = spawnSync('python3', ['--version'], { encoding: 'utf8' });
		pythonFound = status === 0 ? stdout.trim() : null;
	}
	return pythonFound ?? undefined;
}

/** Processes that run something out of this checkout, but for us, our ancestors and what they wait for. */
function leftOvers(): string[] {
	const root = join(import.meta.dirname, '../..');
	const found: string[] = [];
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		if (Number(pid) === process.pid || Number(pid) === process.ppid) continue;
		const command = commandOf(pid);
		if (/\bnode\b/.test(command) && [`${root}/dist/`, `${root}/build/`].some((folder) => command.includes(folder)))
			found.push(`${pid} ${command}`);
	}
	return found;
}

function commandOf(pid: string): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
	} catch {
		return '';
	}
}
