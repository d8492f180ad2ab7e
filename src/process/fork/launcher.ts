/**
 * The start method `fork`: this very process is copied, with all that it has in memory, so any function or closure can
 * be a target.
 *
 * The copy drops what belongs to the original: its stack and pending promises (native/bind/fork_bind.cc), the
 * asynchronous contexts that it is in (fork/async-contexts.ts), its timers and ticks (fork/pending-work.ts), its
 * children, its ends of control sockets, its connection to the forkserver, its exit handlers.
 */
import { dropExitHandlers } from '../../base/at-exit.ts';
import { prepareFork } from '../../base/at-fork.ts';
import { endPins } from '../../memory/segment.ts';
import { addon } from '../../native/addon.ts';
import { closeAll } from '../../native/descriptor.ts';
import { check } from '../../native/raise.ts';
import { forgetChildren } from '../children.ts';
import { DirectChild } from '../start/child-handle.ts';
import { renewOutput } from '../start/output.ts';
import { closeInheritedControls } from '../start/control.ts';
import { currentName, processState } from '../current.ts';
import { enterChild, enterDirectory, runToEnd, type ChildPlace } from '../start/enter.ts';
import { applyEnvironment, environmentChange } from '../start/environment.ts';
import { leaveAsyncContexts } from './async-contexts.ts';
import { dropPendingWork, generation } from './pending-work.ts';
import { openDebuggerAtSignal } from '../forked/debugger.ts';
import { takeOverExit } from '../forked/exit.ts';
import { renewProcessState } from '../forked/state.ts';
import { useUpStocks } from '../forked/stocks.ts';
import { forgetForkserver } from '../forkserver/launcher.ts';
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
	const parent = { pid: process.pid, name: currentName() };
	const [before] = generation;
	settleThreads();
	useUpStocks();
	prepareFork();
	const begin = (): void => {
		becomeChild(fds, options);
		enterChild({ ...options, parent }, fds.control);
		void runToEnd(run);
	};
	const pid = addon().forkRunning(begin, generation, leaveAsyncContexts);
	// The copy's termination takes effect at the next call or turn of a loop; until then it would go on here. It is
	// never left.
	while (generation[0] !== before);
	return DirectChild.adopt(check(pid, 'fork this process'));
}

function becomeChild({ stdin, stdout, stderr }: Descriptors, { stdio = 'inherit', env, cwd, ours }: ForkOptions): void {
	renewProcessState();
	closeInheritedControls();
	endPins(); // what the parent keeps alive for its other children
	forgetForkserver();
	forgetChildren();
	processState().testRunner = undefined; // it has the runner's modules, which are in use
	dropPendingWork();
	dropExitHandlers();
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
