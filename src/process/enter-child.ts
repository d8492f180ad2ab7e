/** What every child does first and last, whatever the start method: take its place in the tree; report what its code throws. */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { setName } from '../memory/registry.ts';
import { addon } from '../native/addon.ts';
import { ParentLink } from './control.ts';
import { currentName, takePlace } from './current.ts';
import { setRole } from './role.ts';
import type { StartRequest } from './start-request.ts';

export type ChildPlace = Pick<StartRequest, 'name' | 'daemon' | 'identity' | 'parent'>;

export function enterChild({ name, daemon, identity, parent }: ChildPlace, controlFd: number, { isForked }: { isForked: boolean }): ParentLink {
	setRole('child');
	const link = new ParentLink(controlFd);
	if (daemon) link.endWithParent();
	takePlace({ identity, name, daemon, parent: { ...parent, link }, self: undefined });
	setName(name);
	nameInErrors(isForked);
	return link;
}

/** Runs the program's part. What it throws is thrown where nobody awaits it: handlers that the program has installed see it, else it ends the process. */
export async function runToEnd(run: () => unknown): Promise<void> {
	try {
		await run();
	} catch (error) {
		process.nextTick(() => {
			throw error;
		});
	}
}

/**
 * Puts the process's name before what Node prints of an uncaught error. A forked process prints the error itself too: it
 * ends before Node would (forked-exit.ts).
 */
function nameInErrors(isForked: boolean): void {
	if (isNaming) return;
	isNaming = true;
	process.on('uncaughtExceptionMonitor', (error) => {
		if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
		writeToStderr(`Process ${currentName()}:\n${isForked ? `${inspect(error)}\n` : ''}`);
	});
}

let isNaming = false;

function writeToStderr(text: string): void {
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length;) {
		try {
			at += writeSync(2, bytes, at);
		} catch (error) {
			if ((error as { code?: string }).code !== 'EAGAIN') return; // closed: there is nobody to tell
			addon().pollReadable([], 1);
		}
	}
}
