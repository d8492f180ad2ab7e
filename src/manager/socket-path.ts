/**
 * The place of a server's socket in the file system. A server that was killed leaves its file, where nobody listens any
 * more: the next one removes it.
 *
 * Two that begin at once must not take each other's file for such a one (a socket that is bound and not listening yet
 * looks the same, and the file may be another's by the time it is removed). So whoever looks, removes and listens has a
 * name of the machine's to himself meanwhile, an abstract socket, which ends with its process.
 */
import { createHash } from 'node:crypto';
import { lstatSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nowMs, setTimeout } from '../base/clock.ts';
import { isTcp } from '../connection/socket/address.ts';
import { Listener } from '../connection/socket/listener.ts';
import { addon } from '../native/addon.ts';
import { errno, failedBy } from '../native/errno.ts';

/** One that holds the name for longer is stopped, or does not know what it is for. */
const patienceMs = 5000;
const retryMs = 5;

/** As `listener.listen()`, after the file of a dead server was removed. */
export async function listenAtPath(listener: Listener): Promise<void> {
	const address = listener.address!;
	if (isTcp(address) || address.startsWith('\0')) return void (await listener.listen());
	const turn = await takeTurn(address);
	try {
		removeStale(address);
		await listener.listen();
	} finally {
		turn?.close();
	}
}

async function takeTurn(path: string): Promise<Listener | undefined> {
	const name = `\0nprocs-listens-${createHash('sha256').update(wholePath(path)).digest('hex').slice(0, 32)}`;
	const until = nowMs() + patienceMs;
	for (;;) {
		try {
			return await new Listener(name).listen();
		} catch (error) {
			if (String((error as { code?: unknown }).code).endsWith('EADDRINUSE') && nowMs() < until) await pause();
			else return undefined;
		}
	}
}

function pause(): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, retryMs);
	});
}

function wholePath(path: string): string {
	try {
		return join(realpathSync(dirname(path)), basename(path));
	} catch {
		return path; // to listen there is an error, which says why
	}
}

function removeStale(path: string): void {
	const fd = addon().unixConnect(Buffer.from(path));
	if (fd >= 0) addon().closeFd(fd);
	else if (failedBy(fd, errno.ECONNREFUSED) && lstatSync(path).isSocket()) rmSync(path, { force: true });
}
