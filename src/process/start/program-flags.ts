/** The flags of Node and V8 that the program runs with, as its processes are to have them. */

/**
 * Loaders, memory limits and the like; without those that are for the main process only: what it runs, tests, watches,
 * inspects, profiles or makes a snapshot of, and what this library itself has added.
 */
export function programFlags(given: readonly string[] = process.execArgv): string[] {
	return withValues(given)
		.filter(([flag]) => !isMainOnly(flag))
		.flat();
}

/** What the program runs with, from the command line and from `NODE_OPTIONS`, one word each. */
export function flagsOfNode(): string[] {
	return [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
}

/**
 * For a new Node process of a program that is profiled or inspected: each has a profile of its own, and a port of its
 * own to inspect it.
 */
export function instrumentFlags(given: readonly string[] = process.execArgv): string[] {
	return withValues(given).flatMap(([flag, ...value]) => {
		const [name = '', port] = flag.replaceAll('_', '-').split('=') as [string, string?];
		if (/^--inspect(-brk|-wait)?$/.test(name)) return [`--inspect=${port?.includes(':') === true ? port.replace(/\d*$/, '0') : '0'}`];
		return /^--((cpu|heap)-prof(-dir|-interval)?|prof)$/.test(name) ? [flag, ...value] : [];
	});
}

type FlagAndValue = [flag: string, ...value: string[]];

/**
 * A value may be a word of its own. Then it does not begin with a dash: Node would take it for the next flag; and
 * without a flag before it, for the program.
 */
function withValues(given: readonly string[]): FlagAndValue[] {
	const found: FlagAndValue[] = [];
	for (const word of given) {
		const last = found.at(-1);
		if (word.startsWith('-') || last === undefined) found.push([word]);
		else last.push(word);
	}
	return found;
}

const exactly: ReadonlySet<string> = new Set([
	...['-e', '--eval', '-p', '-pe', '--print', '-i', '--interactive', '-c', '--check', '--input-type', '--run', '--entry-url', '--process-timeout'],
	...['--snapshot-blob', '--experimental-sea-config', '--debug-port', '--env-file', '--env-file-if-exists'],
	...['--single-threaded', '--v8-pool-size', '--force-async-hooks-checks'],
]);
const families = /^--(experimental-)?(test|bench|watch|inspect|cpu-prof|heap-prof|build)(-|$)/;

/** Node takes names with underscores, too, and `--no-…` for what is on by default. */
function isMainOnly(flag: string): boolean {
	const [name = ''] = flag.replace(/^--no[-_]/, '--').split('=', 1);
	const usual = name.replaceAll('_', '-');
	return exactly.has(usual) || families.test(usual);
}
