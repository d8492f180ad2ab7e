/** What `nprocs doctor` tries with the addon: the kernel's features on which the library stands. */
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { addon } from '../native/addon.ts';
import { check } from '../native/raise.ts';
import type { Finding } from './finding.ts';

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
		attempt(
			'pidfd',
			() => withFd(addon().openPidFd(process.pid), 'open a pidfd'),
			'Needs Linux 5.3, and a seccomp filter that lets pidfd_open pass.',
		),
		attempt('memfd', () => withFd(addon().memoryFile(), 'make a file in memory'), 'A seccomp filter may forbid memfd_create.'),
		attempt('unnamed files in /dev/shm', unnamedFile, 'Needs a tmpfs that is writable for this user.'),
		attempt('abstract sockets', abstractSocket, 'A seccomp filter or AppArmor profile may forbid Unix sockets.'),
		attempt('signal on hang-up', hangupSignal, 'Children of a killed process may live on: F_SETSIG is not available.'),
	];
}

function attempt(what: string, action: () => string, advice?: string): Finding {
	try {
		return { what, verdict: 'ok', detail: action() };
	} catch (error) {
		return { what, verdict: 'error', detail: (error as Error).message, ...(advice !== undefined && { advice }) };
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
	const pair = addon().socketPair(false);
	if (typeof pair === 'number') throw new Error(`no socket pair: errno ${-pair}`);
	const [one, other] = pair;
	check(addon().signalOnHangup(one, osConstants.signals.SIGCHLD), 'ask for a signal on hang-up');
	addon().closeFd(other);
	addon().closeFd(one);
	return 'works';
}
