/**
 * Takes the slices away from the waits of a process: who sleeps is woken, or sleeps for ever. A wake-up that is lost
 * would else be repaired by the next slice, and be seen by nobody. To be imported before the library, or in all
 * processes of a program by `NODE_OPTIONS`. Waits with a deadline of more than a slice do not end by it any more in a
 * thread that blocks; what looks for the dead does not see them.
 */
const sliceMs = 100;
const neverMs = 2 ** 30;

const timers = process.getBuiltinModule('node:timers');
for (const name of ['setTimeout', 'setInterval'] as const) {
	const original = timers[name] as (callback: () => void, ms?: number, ...rest: unknown[]) => NodeJS.Timeout;
	Object.assign(timers, {
		[name]: (callback: () => void, ms?: number, ...rest: unknown[]) => original(callback, ms === sliceMs ? neverMs : ms, ...rest),
	});
}

type FutexWait = (words: Int32Array, index: number, expected: number, timeoutMs: number) => number;

const { dlopen } = process;
process.dlopen = (module: object, ...rest: [never]) => {
	dlopen.call(process, module, ...rest);
	const { exports } = module as { exports: { futexWait?: FutexWait } };
	const { futexWait } = exports;
	if (futexWait === undefined) return;
	exports.futexWait = (words, index, expected, timeoutMs) => futexWait(words, index, expected, timeoutMs === sliceMs ? neverMs : timeoutMs);
};
