/**
 * The start method `fork`: this very process is copied, with all that it has in memory, so any function or closure can
 * be a target.
 *
 * The copy drops what belongs to the original: its stack and pending promises (native/bind/fork_bind.cc), the
 * asynchronous contexts that it is in (fork/async-contexts.ts), its timers and ticks (fork/pending-work.ts), its exit
 * handlers and exit code, and what the modules of the library have said of their state (base/at-fork.ts).
 */
import { dropProgramsHandlers, isExiting } from '../../base/at-exit.ts';
import { prepareFork, settleFork } from '../../base/at-fork.ts';
import { ProcessError } from '../../base/errors.ts';
import { addon } from '../../native/addon.ts';
import { closeAll } from '../../native/descriptor.ts';
import { check } from '../../native/raise.ts';
import { DirectChild } from '../start/child-handle.ts';
import { renewOutput } from '../start/output.ts';
import { currentName, enterChild, type ChildPlace } from '../current.ts';
import { enterDirectory, runToEnd } from '../start/enter.ts';
import { applyEnvironment, environmentChange } from '../start/environment.ts';
import { leaveAsyncContexts } from './async-contexts.ts';
import { generation } from './pending-work.ts';
import { openDebuggerAtSignal } from '../forked/debugger.ts';
import { takeOverExit } from '../forked/exit.ts';
import { useUpStocks } from '../forked/stocks.ts';
import type { Descriptors } from '../start/launcher.ts';
import { settleThreads } from '../outside.ts';
import type { ProcessOptions } from '../options.ts';

interface ForkOptions extends Omit<ChildPlace, 'parent'>, Pick<ProcessOptions, 'stdio' | 'env'> {
	readonly cwd: string;
	/** Descriptors that the copy must not have. */
	readonly ours: readonly number[];
}

/** Forks; in the copy, `run` is called once it has taken its place in the tree. */
export function forkSelf(options: ForkOptions, fds: Descriptors, run: () => unknown): DirectChild {
	if (isExiting()) throw atEnd();
	const parent = { pid: process.pid, name: currentName() };
	const before = generation();
	settleThreads();
	useUpStocks();
	prepareFork();
	const begin = (): void => {
		becomeChild(fds, options);
		enterChild({ ...options, parent }, fds.control);
		void runToEnd(run);
	};
	const pid = addon().forkRunning(begin, leaveAsyncContexts);
	// The copy's termination takes effect at the next call or turn of a loop; until then it would go on here. It is
	// never left.
	while (generation() !== before);
	return DirectChild.adopt(check(pid, 'fork this process'));
}

function becomeChild({ stdin, stdout, stderr }: Descriptors, { stdio = 'inherit', env, cwd, ours }: ForkOptions): void {
	settleFork();
	dropProgramsHandlers();
	process.exitCode = undefined; // what the parent has set is its own
	takeOverExit();
	openDebuggerAtSignal();
	closeAll(ours);
	addon().duplicate(stdin, 0);
	if (stdout !== 1) addon().duplicate(stdout, 1);
	if (stderr !== 2) addon().duplicate(stderr, 2);
	renewOutput(stdio);
	if (env !== undefined) applyEnvironment(environmentChange(process.env, env));
	enterDirectory(cwd);
}

function atEnd(): ProcessError {
	return new ProcessError(
		"Cannot fork this process in a handler of its 'exit' event: its event loop has come to its end, and so the copy's would never begin. Start the process earlier, or by 'spawn'.",
		{ code: 'ERR_NPROCS_START_METHOD' },
	);
}
