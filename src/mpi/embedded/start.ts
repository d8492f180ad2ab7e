/** Starts the embedded engine in this process: as a rank of its job, or as a world of one. */
import { ERR_UNSUPPORTED_OPERATION } from '../constants.ts';
import type { Engine } from '../engine.ts';

export function startEmbedded(): Engine {
	return new Proxy({} as Engine, { get: (target, name) => Reflect.get(target, name) ?? ((): number => ERR_UNSUPPORTED_OPERATION) });
}
