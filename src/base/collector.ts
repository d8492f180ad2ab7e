/** V8's function `gc`, which collects the heap at once, for what frees memory outside of it. */
import v8 from 'node:v8';
import vm from 'node:vm';

export type Collector = (options?: { type: 'minor' | 'major' }) => void;

/**
 * Node has no other way to it. The flag adds `gc` to what new contexts have, so it is set for one alone, which lives as
 * long as the result.
 */
export function findCollector(): Collector {
	v8.setFlagsFromString('--expose-gc');
	try {
		return vm.runInNewContext('gc') as Collector;
	} finally {
		if (globalThis.gc === undefined) v8.setFlagsFromString('--no-expose-gc');
	}
}
