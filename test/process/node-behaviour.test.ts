/**
 * A target behaves as the same program under `node` does: how it ends, what it prints. A table of programs
 * (test/fixtures/process/node-programs.ts), each run by `node` itself and as a target; under which start methods,
 * `isTriedUnder` says. `npm run test:full` goes through all of it under each method.
 *
 * Time limit: 600 s
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { commandFor, everyMethod, programFile } from '../helpers/cases.ts';
import { isFull } from '../helpers/full.ts';
import { project } from '../helpers/programs.ts';
import { nodePrograms, type NodeProgram } from '../fixtures/process/node-programs.ts';
import type { Ended } from '../fixtures/process/runs-node-programs.ts';

/**
 * What the methods that do not carry the whole table must show: one way to end through each piece of code that only
 * they have.
 */
const everywhere = new Set([
	'throws: an error',
	'throws: a Proxy that throws',
	'throws in a timer',
	'handlers: an uncaughtException handler that throws',
	'handlers: a capture callback',
	'handlers: a thread that throws',
	'rejections: throw: of the target',
	'ends: a target that never settles',
	'ends: process.exit(3)',
	'ends: process.exit(256 + 7)',
	'ends: process.reallyExit',
	'ends: process.abort',
	'ends: handlers',
	'ends: a promise in beforeExit',
	'ends: an error in exit after process.exit',
	'ends: SIGTERM to itself',
	'ends: a handler of SIGTERM that was taken back',
	'ends: much output before process.exit',
	'ends: a write with a callback',
	'warnings: a warning that is listened to',
]);
/** Variants that differ in a word from others in the table. */
const alike = /^rejections: (none|strict|warn-with-error-code): |^modules: a handler of SIG(INT|HUP|WINCH|CONT|QUIT) /;

/** One method carries the table. */
function isTriedUnder(method: (typeof everyMethod)[number], name: string): boolean {
	if (isFull) return true;
	return method === 'forkserver' ? !alike.test(name) : everywhere.has(name);
}

const only = process.env['NPROCS_TEST_PROGRAMS'];
const programs = [...nodePrograms]
	.filter(([name]) => everyMethod.some((method) => isTriedUnder(method, name)))
	.filter(([name, { since = 0 }]) => (only === undefined || name.includes(only)) && Number.parseInt(process.versions.node, 10) >= since)
	.map(([name, program], i) => ({ name, program, file: `program-${i}.mjs` }));
const folder = project(
	Object.fromEntries(
		programs.flatMap(({ program, file }) => [
			[file, program.text],
			[`direct-${file}`, `${program.text}\n${program.isCalledLater === true ? 'process.nextTick(target)' : 'await target()'};\n`],
		]),
	),
);

interface Outcome {
	readonly exit: number | null | 'hangs';
	readonly stdout: string;
	readonly stderr: string;
}

/** As Node itself runs it. Into files: what is on its way into a pipe, Node loses with `process.exit()`. */
async function runDirectly({ file, program }: { file: string; program: NodeProgram }): Promise<Outcome> {
	const outputs = ['out', 'err'].map((name) => join(folder, `${file}.${name}`));
	const fds = outputs.map((path) => openSync(path, 'w'));
	const child = spawn(process.execPath, [...(program.flags ?? []), join(folder, `direct-${file}`)], { stdio: ['ignore', ...fds] });
	fds.forEach(closeSync);
	const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
	const [stdout, stderr] = outputs.map((path) => readFileSync(path, 'utf8')) as [string, string];
	return { exit: signal === null ? code : -constants.signals[signal], stdout, stderr };
}

/** Under a method: those with the same flags are targets of one program. */
async function runAsTargets(method: (typeof everyMethod)[number], flags: readonly string[], files: readonly string[]): Promise<Ended[]> {
	const command = commandFor(method, programFile('runs-node-programs.js'), method, folder, ...files);
	const options =
		method === 'fork' ? [...command.slice(0, 2), ...flags.map((flag) => `--node-option=${flag}`), ...command.slice(2)] : [...flags, ...command];
	const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'pipe'] });
	const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
	const ended = stdout.split('\n').filter((line) => line.startsWith('{'));
	assert.equal(ended.length, files.length, stderr);
	return ended.map((line) => JSON.parse(line) as Ended);
}

/**
 * Without what differs for good reasons: paths, pids, frames of the stack, the name of the process, the place that a
 * value comes from which is no error and does not know it. Where a target waits for ever is said in other words than
 * Node's.
 */
function shape({ exit, stdout, stderr }: Outcome, { isCalledLater = false }: NodeProgram): Outcome {
	const lines = stderr
		.replaceAll(/direct-(program-\d+)/g, '$1')
		.replaceAll(/^Warning: Detected unsettled [^]*/gm, '')
		.replaceAll(/\(node:\d+\)/g, '(node)')
		.replaceAll(isCalledLater ? anyPlace : foreignPlace, '')
		.split('\n')
		.map((line) => line.replace(/^ +\^+$/, '^'))
		.filter((line) => !/^ {4,}(at|\.\.\.|\[\.\.\.) |^ *\d+: |^Process P:$/.test(line));
	return { exit, stdout, stderr: lines.join('\n').replaceAll(/^\n+/g, '') };
}

const anyPlace = /^((node|file):|\/)\S*:\d+\n.*\n *\^+\n/gm;
const foreignPlace = /^(node:internal|\S*\/nprocs(-\w+)?\.c?js)\S*:\d+\n.*\n *\^+\n/gm;

const groups = new Map<string, typeof programs>();
for (const one of programs) {
	const key = one.program.isAlone === true ? one.file : (one.program.flags ?? []).join(' ');
	groups.set(key, [...(groups.get(key) ?? []), one]);
}

const direct = new Map<string, Promise<Outcome>>();
let previous: Promise<unknown> = Promise.resolve();
for (const one of programs) {
	const outcome = previous.then(() => runDirectly(one));
	direct.set(one.file, outcome);
	previous = outcome;
}

for (const method of everyMethod) {
	describe(method, () => {
		for (const all of groups.values()) {
			const group = all.filter(({ name }) => isTriedUnder(method, name));
			if (group.length === 0) continue;
			const ended = previous.then(() =>
				runAsTargets(
					method,
					group[0]!.program.flags ?? [],
					group.map(({ file }) => file),
				),
			);
			previous = ended.catch(() => {});
			for (const { name, file, program } of group) {
				test(name, async () => {
					const outcome = (await ended).find((one) => one.file === file)!;
					assert.deepEqual(shape(outcome, program), shape((await direct.get(file))!, program));
				});
			}
		}
	});
}
