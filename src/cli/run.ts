/**
 * `nprocs run`: starts a program in a Node that may be forked.
 *
 * A process that has V8's helper threads cannot be forked: the child would wait for threads that it does not have. So
 * Node is told to have none, which can only be said at its start. This process becomes that Node: same pid, same
 * terminal, same signals.
 */
import { addon } from '../native/addon.ts';
import { errnoOf } from '../native/errno.ts';
import { systemError } from '../native/raise.ts';
import { UsageError, type Call, type Command } from './command.ts';

export const command: Command = {
	usage: '[--node-option=OPTION]… [--] program [args…]',
	help: `
Runs \`node program args…\` so that it may use the start method fork: functions and closures of the running
process can then be targets. The whole program runs without V8's helper threads: garbage collection and
compilation take place on its own thread.

  --node-option=OPTION   an option for Node, such as --node-option=--import=tsx; may be repeated`,
	options: { 'node-option': { type: 'string', multiple: true } },
	endsAtProgram: true,
	run: runProgram,
};

/**
 * V8 does everything on its own thread. (One thread in its pool is the least that Node makes: 0 would mean as many as
 * there are processors. It sleeps.) And no abort when a fork has unwound the stack past Node's account of asynchronous
 * contexts.
 */
const withoutThreads = ['--single-threaded', '--v8-pool-size=1', '--no-force-async-hooks-checks'];

/**
 * Functions are compiled when they are loaded, not when they are first called: a copy would compile what only copies
 * call, each one again. It is for this library alone; run-preload.ts ends it.
 */
const compilesAll = '--no-lazy';

function runProgram({ options, positionals }: Call): never {
	if (positionals.length === 0) throw new UsageError('which program is to be run? `nprocs run program args…`');
	const nodeOptions = (options['node-option'] ?? []) as string[];
	const preload = new URL('../process/fork/run-preload.js', import.meta.url).href;
	const argv = [process.argv0, ...process.execArgv, ...withoutThreads, compilesAll, `--import=${preload}`, ...nodeOptions, ...positionals];
	const environment = Object.entries(environmentFor(nodeOptions)).map(([name, value]) => `${name}=${value}`);
	throw systemError(errnoOf(addon().exec(process.execPath, argv, environment)), `start ${process.execPath}`);
}

/**
 * esbuild, with which loaders such as tsx compile, keeps a thread for it unless told otherwise; no forked process would
 * have that.
 */
function environmentFor(nodeOptions: readonly string[]): NodeJS.ProcessEnv {
	const mayLoad = [...nodeOptions, process.env['NODE_OPTIONS'] ?? ''].some((option) =>
		/--(import|require|loader|experimental-loader)\b|^-r/.test(option),
	);
	return mayLoad ? { ESBUILD_WORKER_THREADS: '0', ...process.env } : process.env;
}
