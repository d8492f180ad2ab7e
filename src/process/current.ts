/**
 * Who this process is: the program's first process, one that it started, or the forkserver; its place in the tree of
 * processes, with its link to its parent; and what its children inherit. All copies of the library in a process find
 * the same here. A worker thread has the place of its process.
 *
 * This is the one owner of that: a child enters its place by `enterChild`, whatever the start method, and what its copy
 * of the state says of another process is gone then. What is no fact about the process as a whole belongs to the module
 * that works with it, and is renewed in a forked process by a hook (base/at-fork.ts): its children (children.ts), its
 * connection to the forkserver (forkserver/launcher.ts).
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { nowMs } from '../base/clock.ts';
import { processWide } from '../base/process-wide.ts';
import { setName } from '../memory/registry.ts';
import { isMainThread } from '../native/main-thread.ts';
import { ParentLink } from './start/control.ts';

/**
 * `forkserver`: a helper Node process forks itself; about 2 ms. `spawn`: a new Node process; about 50 ms.
 * `fork`: this very process is forked, so that any closure can be a target; where that is safe.
 */
export type StartMethod = 'forkserver' | 'spawn' | 'fork';

export type TestRunner = 'node:test' | 'vitest' | 'jest' | 'mocha';

export type Role = 'main' | 'child' | 'forkserver';

export interface Place {
	/** Position in the tree: [1, 2] is the second child of the first child; empty for the main process. */
	readonly identity: readonly number[];
	readonly name: string;
	readonly daemon: boolean;
	readonly parent: { readonly pid: number; readonly name: string; readonly link: ParentLink } | undefined;
}

interface ProcessState {
	role: Role;
	place: Place;
	/**
	 * When it took its place, by `nowMs`: a forked process may have waited for that. undefined in the program's first
	 * process.
	 */
	enteredAtMs: number | undefined;
	/** The Process object of this process, once there is one; who-am-i.ts makes it when it is asked for. */
	self: { readonly name: string } | undefined;
	/** As `self`, of its parent. */
	parent: object | undefined;
	/** How many Process objects it has made. */
	made: number;
	/** What was set explicitly. */
	startMethod: StartMethod | undefined;
	/** Modules that a forkserver imports when it starts. */
	preload: readonly string[];
	/** Which test runner the program runs under. */
	testRunner: TestRunner | undefined;
	/** Whether this process has no threads that a fork would lose. */
	mayFork: boolean;
	/** By which the program's processes know each other; see authkey.ts. */
	programKey: string | undefined;
}

/** To be read and changed by the modules of this folder. */
export const processState: () => ProcessState = processWide('process/1', () => ({
	...outset(),
	enteredAtMs: undefined,
	self: undefined,
	parent: undefined,
	made: 0,
	startMethod: undefined,
	preload: [],
	testRunner: undefined,
	mayFork: false,
	programKey: undefined,
}));

export function role(): Role {
	return processState().role;
}

export function placeInTree(): Place {
	return processState().place;
}

export interface ChildPlace extends Omit<Place, 'parent'> {
	readonly parent: { readonly pid: number; readonly name: string };
}

/** What every child does first. `controlFd`: its end of the control socket, by which it is linked to its parent. */
export function enterChild({ name, daemon, identity, parent }: ChildPlace, controlFd: number): ParentLink {
	const link = new ParentLink(controlFd);
	if (daemon) link.endWithParent();
	takePlace('child', { identity, name, daemon, parent: { ...parent, link } });
	processState().testRunner = undefined; // it is told, or was forked by a program that has the runner's modules
	setName(name);
	return link;
}

/** Before any code of the program runs. */
export function takePlace(role: Role, place: Place): void {
	Object.assign(processState(), { role, place, enteredAtMs: nowMs(), self: undefined, parent: undefined, made: 0 });
	const { parent } = place;
	const parentForThreads = parent && { pid: parent.pid, name: parent.name, fd: parent.link.fd };
	setEnvironmentData(forThreads, { role, place: { ...place, parent: parentForThreads } } satisfies PlaceForThreads);
}

/** This process ends with its parent as before, but what it starts need not end with it. */
export function allowLastingChildren(): void {
	const state = processState();
	state.place = { ...state.place, daemon: false };
}

/** The name as it is now: the program may change it. */
export function currentName(): string {
	const { self, place } = processState();
	return self?.name ?? place.name;
}

/** The position of the next Process that is constructed here. */
export function nextIdentity(): readonly number[] {
	const state = processState();
	return [...state.place.identity, ++state.made];
}

/** Makes Process objects that stand for processes which exist already: they take no number. */
export function withoutCounting<T>(make: () => T): T {
	const state = processState();
	const before = state.made;
	try {
		return make();
	} finally {
		state.made = before;
	}
}

/** What Node hands on to the threads that are started here. */
const forThreads = 'nprocs.place/1';

interface PlaceForThreads {
	readonly role: Role;
	readonly place: Omit<Place, 'parent'> & { readonly parent: { readonly pid: number; readonly name: string; readonly fd: number } | undefined };
}

function outset(): { role: Role; place: Place } {
	const given = isMainThread() ? undefined : (getEnvironmentData(forThreads) as unknown as PlaceForThreads | undefined);
	if (given === undefined) return { role: 'main', place: { identity: [], name: 'MainProcess', daemon: false, parent: undefined } };
	const { role, place } = given;
	const parent = place.parent && { pid: place.parent.pid, name: place.parent.name, link: new ParentLink(place.parent.fd) };
	return { role, place: { ...place, parent } };
}
