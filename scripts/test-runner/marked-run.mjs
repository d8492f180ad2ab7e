/**
 * Runs a program so that everything that comes from it can be told apart: it leads a session of its own, and it and all
 * its descendants have a mark in their environment, in the names of their segments (`NPROCS_NAMESPACE`), and a TMPDIR
 * of their own.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killProcesses, leftOvers, snapshot } from './left-overs.mjs';

let runs = 0;

/**
 * Ends what runs longer than `timeoutMs`. Gives the exit code or signal, whether the time was up, and a line for each
 * thing that was left behind; those processes are then ended.
 */
export async function runMarked(command, args, { timeoutMs, onOutput }) {
	const mark = `t${process.pid.toString(36)}x${runs++}`;
	const temporary = mkdtempSync(join(tmpdir(), 'np-'));
	const before = snapshot();
	const child = spawn(command, args, {
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {
			...process.env,
			NPROCS_TEST_RUN: mark,
			NPROCS_NAMESPACE: mark,
			TMPDIR: temporary,
			FORCE_COLOR: undefined,
			NODE_TEST_CONTEXT: undefined,
		},
	});
	const run = { mark, session: child.pid, temporary, before };
	const { exit, timedOut } = await ended(child, { timeoutMs, onOutput, kill: () => killProcesses(run) });
	const left = await leftOvers(run);
	await killProcesses(run);
	rmSync(temporary, { recursive: true, force: true });
	return { exit, timedOut, left };
}

function ended(child, { timeoutMs, onOutput, kill }) {
	child.stdout.on('data', (bytes) => onOutput(bytes, 'stdout'));
	child.stderr.on('data', (bytes) => onOutput(bytes, 'stderr'));
	return new Promise((resolve) => {
		let timedOut = false;
		const timer = setTimeout(() => {
			timedOut = true;
			void kill();
		}, timeoutMs);
		child.once('error', (error) => {
			clearTimeout(timer);
			resolve({ exit: error.message, timedOut });
		});
		// 'exit', not 'close': a process that was left behind may hold the pipes open for ever. What it has written by
		// then is still read.
		child.once('exit', (code, signal) => {
			clearTimeout(timer);
			setTimeout(() => {
				child.stdout.destroy();
				child.stderr.destroy();
				resolve({ exit: signal ?? code, timedOut });
			}, 50);
		});
	});
}
