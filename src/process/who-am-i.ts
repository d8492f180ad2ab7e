/** `currentProcess()`, `parentProcess()` and `activeChildren()`: the tree of processes, seen from here. */
import { liveChildren } from './children.ts';
import { processState } from './current.ts';
import { ParentHandle, SelfHandle } from './process-handle.ts';
import { makeProcess, Process } from './process.ts';

/** The object of this process; in the main process one named MainProcess. As Python's `current_process()`. */
export function currentProcess(): Process {
	const state = processState();
	const { name, daemon } = state.place;
	return (state.self ??= makeProcess(Process, { name, daemon, options: {} }, { kind: 'self', handle: new SelfHandle() })) as Process;
}

/**
 * The process that started this one; null in the main process. Its death is noticed without polling. As Python's
 * `parent_process()`.
 */
export function parentProcess(): Process | null {
	const state = processState();
	const { parent } = state.place;
	if (parent === undefined) return null;
	return (state.parent ??= makeProcess(
		Process,
		{ name: parent.name, daemon: false, options: {} },
		{ kind: 'parent', handle: new ParentHandle(parent.pid, parent.link) },
	)) as Process;
}

/**
 * The processes that this one has started, by whichever copy of the library, and that have not ended. As Python's
 * `active_children()`.
 */
export function activeChildren(): Process[] {
	return liveChildren() as Process[];
}
