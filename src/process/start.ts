/** From a Process object to a running child: what is sent, with which descriptors, by which launcher. */
import { statSync, type Stats } from 'node:fs';
import net from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { SerializationError } from '../base/errors.ts';
import { trace } from '../base/trace.ts';
import { encode } from '../codec/encode.ts';
import { descriptorsOf, ticketsOf } from '../memory/descriptors.ts';
import { pinAll } from '../memory/segment.ts';
import { addon } from '../native/addon.ts';
import { closeAll } from '../native/descriptor.ts';
import { errno } from '../native/errno.ts';
import { check, fileSystemError, systemError } from '../native/raise.ts';
import { programKeyText } from './authkey.ts';
import type { Stdio } from './start/output.ts';
import { checkEnvironment } from './start/environment.ts';
import type { StartedChild } from './children.ts';
import { ChildControl, controlPair, sendDescriptors } from './start/control.ts';
import { currentName, processState } from './current.ts';
import { forkSelf } from './fork/launcher.ts';
import { forkserverLauncher, prepareForkserver } from './forkserver/launcher.ts';
import { inlineSourceOf } from './reference/inline.ts';
import { needsNewNode } from './start/instruments.ts';
import { instrumentFlags, programFlags } from './start/program-flags.ts';
import { nullFd, ownFd, type Launch } from './start/launcher.ts';
import { hasPrivateFields } from './reference/module-exports.ts';
import type { ProcessOptions } from './options.ts';
import type { ProcessHandle } from './process-handle.ts';
import { requirePidFd } from './start/pidfd.ts';
import { checkMayStart } from './start/may-start.ts';
import { spawnLauncher } from './start/spawn.ts';
import { checkStartMethod, getStartMethod, type StartMethod } from './start/method.ts';
import type { StartRequest, StartValues } from './start/request.ts';
import { referenceTo, type AnyFunction } from './reference/target.ts';
import { testRunner } from './reference/test-runner.ts';

/** The part of a Process object that is sent. */
export interface Startable {
	readonly name: string;
	readonly daemon: boolean;
	readonly identity: readonly number[];
	readonly options: ProcessOptions;
	/** The object itself, whose class and own fields are sent when it is not of the base class. */
	readonly object: { run(): unknown };
	readonly baseClass: AnyFunction;
	/** For a copy of this very process: makes the object stand for the process that it is in, and calls its `run()`. */
	readonly runAsSelf: () => unknown;
}

export function startChild(startable: Startable): StartedChild {
	checkMayStart();
	requirePidFd();
	programKeyText(); // a copy of this process must not make one of its own
	const method = methodFor(startable.options);
	const cwd = workingDirectory(startable.options.cwd);
	checkEnvironment(startable.options.env ?? process.env);
	if (method === 'forkserver') prepareForkserver();
	const message = method === 'fork' ? undefined : describe(startable, cwd);
	const stdio = openStdio(startable.options.stdio ?? 'inherit');
	try {
		const [own, theirs] = controlPair();
		const control = new ChildControl(own);
		const descriptors = { stdin: nullFd(), stdout: stdio.stdout, stderr: stdio.stderr, control: theirs };
		try {
			if (message !== undefined) sendDescriptors(own, message.fds);
			const handle =
				message === undefined
					? forkSelf(
							{ ...startable, stdio: startable.options.stdio, env: startable.options.env, cwd, ours: stdio.ours },
							descriptors,
							startable.runAsSelf,
						)
					: launch(method, { ...message, ...descriptors, reportedExit: control.reportedExit }, startable.options);
			keepUntilOpened(control, handle, message?.segments ?? []);
			return { handle, ...stdio.attach(startable) };
		} catch (error) {
			control.close();
			throw error;
		} finally {
			addon().closeFd(theirs);
		}
	} catch (error) {
		stdio.abandon();
		throw error;
	} finally {
		stdio.closeTheirs();
	}
}

function methodFor({ context, env, execArgv }: ProcessOptions): StartMethod {
	if (execArgv !== undefined) return 'spawn';
	const given = givenMethod(context);
	const method = given === undefined ? getStartMethod() : checkStartMethod(given);
	return method === 'forkserver' && needsNewNode(env ?? process.env) ? 'spawn' : method;
}

function givenMethod(context: ProcessOptions['context']): StartMethod | undefined {
	return typeof context === 'string' ? context : context?.method;
}

/** Absolute. Looked at here, so that a wrong one is an error of `start()` under all methods. */
function workingDirectory(given: string | undefined): string {
	const path = given !== undefined && isAbsolute(given) ? given : resolve(currentDirectory(), given ?? '');
	if (given === undefined) return path;
	const stats = look(path);
	if (stats?.isDirectory() === true) return path;
	throw systemError(stats === undefined ? errno.ENOENT : errno.ENOTDIR, `start a process in the directory ${path}`);
}

function currentDirectory(): string {
	const path = addon().currentDirectory();
	if (typeof path === 'string') return path;
	const hint = 'Go to another one with process.chdir(), or give an absolute `cwd`.';
	throw fileSystemError({ errno: path }, 'start a process in the current directory', hint);
}

function look(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch (error) {
		throw fileSystemError(error, `start a process in the directory ${path}`);
	}
}

let lastId = 0;

interface Message {
	readonly request: StartRequest;
	readonly values: Uint8Array;
	readonly segments: readonly string[];
	/** The program's own: valid for as long as none of its code has run. */
	readonly fds: readonly number[];
	readonly env: Readonly<Record<string, string | undefined>>;
}

function describe({ name, daemon, identity, options, object, baseClass }: Startable, cwd: string): Message {
	const { target, args = [], env = process.env, stdio = 'inherit', execArgv } = options;
	const inlined = target === undefined ? undefined : inlineSourceOf(target);
	const subclass = object.constructor === baseClass ? undefined : referenceToClass(object.constructor as AnyFunction, baseClass);
	const values: StartValues = { args, fields: { ...object }, captured: inlined?.captured ?? {} };
	const encoded = areEmpty(values) ? nothing : encode(values, { path: '' });
	// As in Python, the child goes on with the method of its context.
	const chosen = givenMethod(options.context) ?? processState().startMethod;
	const runner = testRunner();
	const request: StartRequest = {
		id: ++lastId,
		name,
		daemon,
		identity,
		parent: { pid: process.pid, name: currentName() },
		...(subclass !== undefined && { subclass }),
		...(target !== undefined && inlined === undefined && { target: referenceTo(target, 'target') }),
		...(inlined !== undefined && { inlineSource: inlined.source }),
		cwd,
		umask: process.umask(),
		env: { set: {}, unset: [] },
		argv: process.argv,
		execArgv: execArgv ?? [...programFlags(), ...instrumentFlags()],
		...(chosen !== undefined && { startMethod: chosen }),
		preload: processState().preload,
		programKey: programKeyText(),
		...(runner !== undefined && { testRunner: runner }),
		stdio,
		tickets: ticketsOf(encoded.handles),
		opens: [...new Set(encoded.handles.map((handle) => handle.kind))],
	};
	return {
		request,
		values: encoded.bytes,
		segments: encoded.handles.flatMap((handle) => handle.segments),
		fds: descriptorsOf(encoded.handles).map(({ fd }) => fd),
		env,
	};
}

/** What a process is given that gets nothing: it need not decode it. */
const nothing = { bytes: new Uint8Array(0), handles: [] };

function areEmpty({ args, fields, captured }: StartValues): boolean {
	return args.length === 0 && Reflect.ownKeys(fields).length === 0 && Reflect.ownKeys(captured).length === 0;
}

function referenceToClass(subclass: AnyFunction, baseClass: AnyFunction): NonNullable<StartRequest['subclass']> {
	for (let at = subclass; at !== baseClass; at = Object.getPrototypeOf(at) as AnyFunction) {
		if (!hasPrivateFields(Function.prototype.toString.call(at))) continue;
		throw new SerializationError(
			`Cannot send an instance of ${subclass.name} to its process: the class ${at.name} has private fields (#name), which no other code can read. Use ordinary fields.`,
			'this',
		);
	}
	return referenceTo(subclass, 'class');
}

function launch(method: StartMethod, launch: Launch, { context, execArgv }: ProcessOptions): ProcessHandle {
	if (method === 'spawn') return spawnLauncher.launch(launch);
	try {
		return forkserverLauncher.launch(launch);
	} catch (error) {
		// Where the forkserver turns out not to work, and nobody has asked for it by name, the other method serves.
		const isChosen = context !== undefined || processState().startMethod !== undefined || execArgv !== undefined;
		if (isChosen || (error as { code?: string }).code !== 'ERR_NPROCS_FORKSERVER_UNUSABLE') throw error;
		trace('%s; starting processes by spawn', error);
		return spawnLauncher.launch(launch);
	}
}

/**
 * The program may close its shared objects at once: what was sent is held here until the child has opened it, or has
 * died.
 */
function keepUntilOpened(control: ChildControl, handle: ProcessHandle, segments: readonly string[]): void {
	const unpin = segments.length === 0 ? undefined : pinAll(segments, () => control.hasOpened());
	if (unpin !== undefined) control.onOpened(unpin);
	handle.onExit(() => {
		unpin?.();
		control.close();
	});
}

interface Output {
	readonly stdout: number;
	readonly stderr: number;
	/** The ends that only this process is to have: a copy of it would wait for itself to read. */
	readonly ours: readonly number[];
	/** After the start: the streams to read from. */
	attach(child: { daemon: boolean }): { stdout: Readable | null; stderr: Readable | null };
	/** After a failed start. */
	abandon(): void;
	closeTheirs(): void;
}

function openStdio(kind: Stdio): Output {
	const nothing = { ours: [], attach: () => ({ stdout: null, stderr: null }), abandon: () => {}, closeTheirs: () => {} };
	if (kind === 'inherit') return { stdout: ownFd(1), stderr: ownFd(2), ...nothing };
	if (kind === 'ignore') return { stdout: nullFd(), stderr: nullFd(), ...nothing };
	const [out, outTheirs] = check(addon().pipe(), whatPipe);
	const [err, errTheirs] = check(addon().pipe(), whatPipe);
	return {
		stdout: outTheirs,
		stderr: errTheirs,
		ours: [out, err],
		attach: (child) => ({ stdout: readable(out, child), stderr: readable(err, child) }),
		abandon: () => closeAll([out, err]),
		closeTheirs: () => closeAll([outTheirs, errTheirs]),
	};
}

const whatPipe = "open a pipe for the process's output";

function readable(fd: number, { daemon }: { daemon: boolean }): Readable {
	const stream = new net.Socket({ fd, readable: true, writable: false });
	if (daemon) stream.unref(); // a daemon must not keep its parent alive
	return stream;
}
