/** What `nprocs doctor` tries with the addon: the kernel's features on which the library stands. */
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { nowMs } from '../base/clock.ts';
import { addon } from '../native/addon.ts';
import { closeAll } from '../native/descriptor.ts';
import { check } from '../native/raise.ts';
import { pidFdAdvice } from '../process/start/pidfd.ts';
import { Process } from '../process/process.ts';
import { getStartMethod } from '../process/start/method.ts';
import type { Finding } from './finding.ts';
import { probe } from './probe.ts';

export async function selfTest(): Promise<Finding[]> {
	const loaded = attempt('addon', () => {
		addon();
		return whereFound();
	});
	if (loaded.verdict !== 'ok') {
		return [{ ...loaded, advice: '`npx nprocs build-native` compiles it; needs g++, make and python3.' }];
	}
	return [
		loaded,
		attempt('pidfd', () => withFd(addon().openPidFd(process.pid), 'open a pidfd'), pidFdAdvice),
		attempt('memfd', () => withFd(addon().memoryFile(), 'make a file in memory'), 'A seccomp filter may forbid memfd_create.'),
		attempt('unnamed files in /dev/shm', unnamedFile, 'Needs a tmpfs that is writable for this user.'),
		attempt('abstract sockets', abstractSocket, 'A seccomp filter or AppArmor profile may forbid Unix sockets.'),
		attempt('signal on hang-up', hangupSignal, 'Children of a killed process may live on: F_SETSIG is not available.'),
		await start('spawn', 'error'),
		await start('forkserver', 'warning'),
	];
}

function attempt(what: string, action: () => string, advice?: string): Finding {
	try {
		return { what, verdict: 'ok', detail: action() };
	} catch (error) {
		return { what, verdict: 'error', detail: (error as Error).message, ...(advice !== undefined && { advice }) };
	}
}

/**
 * Starts a process by this method and looks how it ends. Without a forkserver, spawn is used; without that, nothing
 * works.
 */
async function start(method: 'spawn' | 'forkserver', ifNot: Finding['verdict']): Promise<Finding> {
	const what = `start method ${method}`;
	try {
		const p = new Process({ target: probe, args: [42], context: method });
		const startedAt = nowMs();
		p.start();
		const ended = await p.join(20_000);
		if (p.exitCode !== 42)
			throw new Error(ended ? `the process ended with ${p.exitCode} instead of 42` : 'the process has not ended within 20 s');
		const isDefault = getStartMethod() === method ? ', the default here' : '';
		return { what, verdict: 'ok', detail: `works (${Math.round(nowMs() - startedAt)} ms the first time)${isDefault}` };
	} catch (error) {
		return { what, verdict: ifNot, detail: (error as Error).message };
	}
}

function whereFound(): string {
	const built = fileURLToPath(new URL('../../native/build/Release/nprocs.node', import.meta.url));
	return existsSync(built) ? `loads, compiled here (${built})` : 'loads, prebuilt';
}

function withFd(result: number, what: string): string {
	addon().closeFd(check(result, what));
	return 'works';
}

function unnamedFile(): string {
	const temporary = 0o20000000 | constants.O_DIRECTORY; // O_TMPFILE, which Node does not name
	closeSync(openSync('/dev/shm', temporary | constants.O_RDWR, 0o600));
	return 'work';
}

function abstractSocket(): string {
	const listener = check(addon().unixListen(Buffer.from(`\0nprocs-doctor-${process.pid}`), 1), 'listen on an abstract socket');
	addon().closeFd(listener);
	return 'work';
}

/** With a signal that does nothing by default. */
function hangupSignal(): string {
	const [one, other] = check(addon().socketPair(false), 'make a pair of sockets');
	check(addon().signalOnHangup(one, osConstants.signals.SIGCHLD), 'ask for a signal on hang-up');
	closeAll([other, one]);
	return 'works';
}
