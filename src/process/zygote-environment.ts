/**
 * What the fork server's environment has more than the program's: two things that must be said before Node starts, and that nobody but the fork server
 * should see. Its children, and what they start, have the program's.
 */
import { addonPath } from '../native/addon.ts';
import type { Environment } from './environment.ts';

/** For the start of a fork server on behalf of a program with this environment. */
export function zygoteEnvironment(env: Environment): Environment {
	const path = addonPath();
	const added: Environment = isListable(path) ? { [preload]: env[preload] ? `${env[preload]}:${path}` : path } : {};
	return { [bindNow]: ours, ...env, ...added };
}

/** In the fork server, before anything else. */
export function forgetZygoteEnvironment(): void {
	if (process.env[bindNow] === ours) delete process.env[bindNow];
	const path = addonPath();
	const list = process.env[preload];
	if (list === path) delete process.env[preload];
	else if (list?.endsWith(`:${path}`) === true) process.env[preload] = list.slice(0, -path.length - 1);
}

/** Has libraries bound when they are loaded, and not bit by bit in each child. */
const bindNow = 'LD_BIND_NOW';
const ours = 'nprocs';

/** Has the addon loaded before Node, so that it can place V8's heap (native/os/placement.h). */
const preload = 'LD_PRELOAD';

/** The list has no way to quote its separators. */
function isListable(path: string): boolean {
	return !/[\s:]/.test(path);
}
