/**
 * What watches a process from Node's start to Node's own end: coverage, profiles, the inspector. Forked processes have
 * none of them, so under an instrument children are new Node processes, whatever their start method; and so is a child
 * whose environment has other things to say to Node than ours had.
 */
import { trace } from '../../base/trace.ts';
import type { Environment } from './environment.ts';
import { flagsOfNode } from './program-flags.ts';

/** Whether this program runs under an instrument. */
export function isWatched(): boolean {
	return process.env['NODE_V8_COVERAGE'] !== undefined || flagsOfNode().some((flag) => instrument.test(flag));
}

/** Whether a child with this environment must be a new Node process. */
export function needsNewNode(env: Environment): boolean {
	const changed = readAtStart.find((name) => (env[name] ?? '') !== atStart[name]);
	if (changed !== undefined) trace('a process is spawned, because Node reads %s when it starts', changed);
	return changed !== undefined || isWatched();
}

const instrument = /^--(cpu-prof|heap-prof|inspect(-brk|-wait)?|prof)(=|$)/;

/** Variables that Node, OpenSSL or the linker read when a process starts. */
const readAtStart = [
	...[
		'NODE_OPTIONS',
		'NODE_V8_COVERAGE',
		'NODE_DEBUG',
		'NODE_DEBUG_NATIVE',
		'NODE_NO_WARNINGS',
		'NODE_PENDING_DEPRECATION',
		'NODE_REDIRECT_WARNINGS',
	],
	...['NODE_EXTRA_CA_CERTS', 'NODE_ICU_DATA', 'NODE_COMPILE_CACHE', 'NODE_DISABLE_COMPILE_CACHE', 'NODE_PRESERVE_SYMLINKS', 'NODE_USE_ENV_PROXY'],
	...['OPENSSL_CONF', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'UV_THREADPOOL_SIZE'],
];
const atStart: Readonly<Record<string, string>> = Object.fromEntries(readAtStart.map((name) => [name, process.env[name] ?? '']));
