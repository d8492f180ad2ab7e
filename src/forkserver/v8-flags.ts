/** What is to be known before V8's flags are changed. */

/** The major version of the V8 that runs this, for what pays with some of them only. */
export const v8Version: number = Number.parseInt(process.versions.v8, 10);

/** Whether the program was started with this flag; then it stays as it is. */
export function isFlagGiven(flag: string): boolean {
	return process.execArgv.some((arg) => arg.replaceAll('_', '-').startsWith(flag));
}
