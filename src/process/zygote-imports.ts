/**
 * The fork server imports the modules of the targets, once. A module may not be made for that: it may end the process, or wait for
 * something that only its program's processes would do. Then the fork server says so and takes no more starts; another one
 * is started that leaves this module to the processes (forkserver-launcher.ts).
 */
import { setTimeout, clearTimeout } from '../base/clock.ts';
import { trace } from '../base/trace.ts';
import { areSame, ownInheritance } from './inheritance.ts';
import { importModule } from './target.ts';

/** Importing a module takes milliseconds; whatever takes this long waits for something. */
const importTimeoutMs = 5000;

const imported = new Set<string>();

export function isImported(url: string): boolean {
	return imported.has(url);
}

/**
 * True when the module has been imported, or has failed to: then the child's own import fails alike, and its error has the process's name. False when it
 * must be left to the processes: it ends this one, never finishes, or has changed what they would inherit (its user, its limits).
 */
export async function importOnce(url: string): Promise<boolean> {
	imported.add(url);
	const before = ownInheritance();
	return (await importInTime(url)) && areSame(before, ownInheritance());
}

async function importInTime(url: string): Promise<boolean> {
	const { reallyExit } = process as unknown as { reallyExit: (code?: number) => never };
	let hasExited = false;
	let timer: NodeJS.Timeout | undefined;
	(process as unknown as { reallyExit: () => never }).reallyExit = () => {
		hasExited = true;
		throw new Error('process.exit() while the fork server was importing the module');
	};
	try {
		const isLate = await Promise.race([
			importModule(url).then(() => false),
			new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), importTimeoutMs))),
		]);
		return !isLate && !hasExited;
	} catch (error) {
		trace('the fork server cannot import %s: %s', url, error);
		return !hasExited;
	} finally {
		clearTimeout(timer);
		Object.assign(process, { reallyExit });
	}
}
