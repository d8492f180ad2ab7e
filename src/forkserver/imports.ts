/**
 * The forkserver imports the modules of the targets, once. A module may not be made for that: it may end the process,
 * wait for something that only its program's processes would do, or leave something open that they cannot share
 * (outside.ts). Then the forkserver says so and takes no more starts; another one is started that leaves this module to
 * the processes (forkserver/launcher.ts).
 */
import { setTimeout, clearTimeout } from '../base/clock.ts';
import { trace } from '../base/trace.ts';
import { useUpStocks } from '../process/forked/stocks.ts';
import { endThreads } from '../process/forked/threads.ts';
import { areSame, ownInheritance } from '../process/start/inheritance.ts';
import { abandonAdded, addedOutside, lookOutside, type Outside } from '../process/outside.ts';
import { importModule } from '../process/reference/target.ts';
import { ignoreUnhandled } from './signals.ts';

/** Importing a module takes milliseconds; whatever takes this long waits for something. */
const importTimeoutMs = 5000;

const exits = 'it ends the process';

const imported = new Set<string>();
const left = new Set<string>();
/** Before the last import. */
let outside: Outside | undefined;

export function isImported(url: string): boolean {
	return imported.has(url);
}

/** Of these, processes know that they must not be imported here; it holds for the processes that those start, too. */
export function leaveToProcesses(url: string): void {
	left.add(url);
}

export function isLeftToProcesses(url: string): boolean {
	return left.has(url);
}

/**
 * Why the module must be left to the processes, if it must: it ends this one, never finishes, throws where nobody
 * catches it, has changed what they would inherit (its user, its limits), or has left something open. A module that
 * fails need not be left: the child's own import fails alike, and its error has the process's name.
 */
export async function importOnce(url: string): Promise<string | undefined> {
	imported.add(url);
	let uncaught: string | undefined;
	const noteUncaught = (error: unknown): void => void (uncaught ??= `nobody catches ${String(error)}`);
	process.on('uncaughtException', noteUncaught); // also of promises; the process that imports it will tell
	try {
		return await importAndLook(url, () => uncaught);
	} finally {
		process.removeListener('uncaughtException', noteUncaught);
		useUpStocks();
	}
}

async function importAndLook(url: string, uncaught: () => string | undefined): Promise<string | undefined> {
	const before = ownInheritance();
	outside = lookOutside();
	const problem = (await importInTime(url)) ?? (areSame(before, ownInheritance()) ? undefined : 'it changes its rights or limits');
	const open = problem === undefined ? await addedOutside(outside) : [];
	const reason = problem ?? uncaught() ?? (open.length === 0 ? undefined : `it leaves ${open.join(', ')}`);
	if (reason !== undefined) trace('the forkserver must not import %s: %s', url, reason);
	return reason;
}

/** For a forkserver that has been given up: what the last module has begun is to go on in the processes only. */
export function abandonImport(): void {
	endThreads();
	if (outside !== undefined) abandonAdded(outside);
}

async function importInTime(url: string): Promise<string | undefined> {
	const { reallyExit } = process as unknown as { reallyExit: (code?: number) => never };
	let hasExited = false;
	let timer: NodeJS.Timeout | undefined;
	(process as unknown as { reallyExit: () => never }).reallyExit = () => {
		hasExited = true;
		throw new Error('process.exit() while the forkserver was importing the module');
	};
	try {
		const isLate = await Promise.race([
			importModule(url).then(() => false),
			new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), importTimeoutMs))),
		]);
		if (isLate) return `it has not been imported within ${importTimeoutMs / 1000} s`;
		return hasExited ? exits : undefined;
	} catch (error) {
		trace('the forkserver cannot import %s: %s', url, error);
		return hasExited ? exits : undefined;
	} finally {
		clearTimeout(timer);
		ignoreUnhandled();
		Object.assign(process, { reallyExit });
	}
}
