/** What every child does first and last, whatever the start method: take its place in the tree; report what its code throws. */
import { queueMicrotask } from '../base/clock.ts';
import { fileSystemError } from '../native/raise.ts';
import { setName } from '../memory/registry.ts';
import { ParentLink } from './control.ts';
import { takePlace } from './current.ts';
import type { StartRequest } from './start-request.ts';
import { nameInErrors, printErrorsWhen } from './uncaught.ts';

export type ChildPlace = Pick<StartRequest, 'name' | 'daemon' | 'identity' | 'parent'>;

export function enterChild({ name, daemon, identity, parent }: ChildPlace, controlFd: number, { isForked }: { isForked: boolean }): ParentLink {
	const link = new ParentLink(controlFd);
	if (daemon) link.endWithParent();
	takePlace('child', { identity, name, daemon, parent: { ...parent, link } });
	setName(name);
	nameInErrors();
	if (isForked) printErrorsWhen(always); // it ends before Node would print them (forked-exit.ts)
	return link;
}

/** A child may be in a directory to which its user has no path any more. */
export function enterDirectory(path: string): void {
	try {
		process.chdir(path);
	} catch (error) {
		if (whereabouts() !== path) throw fileSystemError(error, `start in the directory ${path}`);
	}
}

/** The current directory; undefined when it has been removed. */
export function whereabouts(): string | undefined {
	try {
		return process.cwd();
	} catch {
		return undefined;
	}
}

/** Runs the program's part. What it throws is thrown where nobody awaits it: handlers that the program has installed see it, else it ends the process. */
export async function runToEnd(run: () => unknown): Promise<void> {
	try {
		await run();
	} catch (error) {
		queueMicrotask(() => {
			throw error;
		});
	}
}

const always = (): boolean => true;
