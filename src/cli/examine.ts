/**
 * What `nprocs doctor program` starts: a process like a forkserver, which imports the modules of a program one by one,
 * those first that others import, and looks after each whether a fork could follow. `examine.js PROGRAM UNFIT`: the URL
 * of the program, and a JSON array of those that have ended such a process before.
 *
 * Writes a line of JSON to descriptor 3 when it begins with a module, and when it knows about it: the process may end
 * amid it.
 */
import { writeSync } from 'node:fs';
import { addon } from '../native/addon.ts';
import { placeInTree, takePlace } from '../process/current.ts';
import { makePool } from '../process/outside.ts';
import { importOnce } from '../forkserver/imports.ts';
import { importsOf } from './imports-of.ts';

/** A line. `imports`: the first unfit one that it imports. */
export type Examined = {
	readonly url: string;
	readonly state: 'begun' | 'fit' | 'failed' | 'unfit';
	readonly reason?: string;
	readonly imports?: string;
};

void examine(process.argv[2]!, new Set(JSON.parse(process.argv[3]!) as string[]));

async function examine(program: string, ending: ReadonlySet<string>): Promise<void> {
	takePlace('forkserver', placeInTree());
	await makePool();
	const unfit = new Set(ending);
	for (const [url, imported] of inOrder(program)) {
		const imports = imported.find((one) => unfit.has(one));
		const found = ending.has(url) ? undefined : imports === undefined ? await tryOut(url) : ({ url, state: 'unfit', imports } as const);
		if (found?.state === 'unfit') unfit.add(url);
		if (found !== undefined) tell(found);
	}
	addon().exitNow(0);
}

async function tryOut(url: string): Promise<Examined> {
	tell({ url, state: 'begun' });
	const reason = await importOnce(url);
	if (reason !== undefined) return { url, state: 'unfit', reason };
	try {
		await import(url);
		return { url, state: 'fit' };
	} catch (error) {
		return { url, state: 'failed', reason: String((error as Error | undefined)?.message ?? error).split('\n', 1)[0]! };
	}
}

/** Every module after those that it imports. Packages are one module each. */
function inOrder(program: string): Map<string, string[]> {
	const ordered = new Map<string, string[]>();
	const seen = new Set<string>();
	const visit = (url: string): void => {
		if (seen.has(url)) return;
		seen.add(url);
		const imported = url.includes('/node_modules/') ? [] : importsOf(url, (specifier, parent) => import.meta.resolve(specifier, parent));
		for (const one of imported) visit(one);
		ordered.set(url, imported);
	};
	visit(program);
	return ordered;
}

function tell(examined: Examined): void {
	writeSync(3, `${JSON.stringify(examined)}\n`);
}
