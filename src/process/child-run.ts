/**
 * What runs in a child of `spawn` and `forkserver`: take over what the parent had (environment, directory, arguments),
 * import the modules, open the values, run.
 *
 * The modules come first: they may register the classes that the values are instances of. The process ends by itself
 * when `run()` is done and nothing else is pending, as any Node program.
 */
import { decode } from '../codec/decode.ts';
import { withArrived } from '../memory/descriptors.ts';
import { inheritProgramKey } from './authkey.ts';
import { renewOutput } from './start/output.ts';
import { receiveDescriptors } from './start/control.ts';
import { enterChild, processState } from './current.ts';
import { enterDirectory, runToEnd } from './start/enter.ts';
import { applyEnvironment } from './start/environment.ts';
import { takeAttributes } from './start/inheritance.ts';
import { compile } from './reference/inline.ts';
import { SelfHandle } from './process-handle.ts';
import { makeProcess, Process } from './process.ts';
import type { StartRequest, StartValues } from './start/request.ts';
import { importReference, type AnyFunction } from './reference/target.ts';

export async function runChild(request: StartRequest, values: Uint8Array, controlFd: number): Promise<void> {
	const fds = receiveDescriptors(controlFd, request.tickets.length);
	const link = enterChild(request, controlFd);
	await runToEnd(async () => {
		takeOver(request);
		const self = await prepare(request, values, fds);
		link.reportOpened();
		await self.run();
	});
}

function takeOver(request: StartRequest): void {
	renewOutput(request.stdio);
	applyEnvironment(request.env);
	enterDirectory(request.cwd);
	process.umask(request.umask);
	takeAttributes(request.attributes);
	process.argv = [...request.argv];
	process.execArgv = [...request.execArgv];
	const { startMethod, preload, testRunner } = request;
	Object.assign(processState(), { startMethod, preload, testRunner });
	inheritProgramKey(request.programKey);
}

const nothing: StartValues = { args: [], fields: {}, captured: {} };

/** Imports what is needed and makes the Process object whose `run()` is to be called. */
async function prepare(request: StartRequest, values: Uint8Array, fds: readonly number[]): Promise<Process> {
	const { name, daemon, subclass, target, inlineSource } = request;
	const Subclass = subclass === undefined ? Process : ((await importReference(subclass)) as unknown as typeof Process);
	let fn: AnyFunction | undefined = target === undefined ? undefined : await importReference(target);
	const { args, fields, captured } = values.length === 0 ? nothing : (withArrived(request.tickets, fds, () => decode(values)) as StartValues);
	if (inlineSource !== undefined) fn = compile({ source: inlineSource, captured });
	const options = { ...(fn !== undefined && { target: fn as (...args: unknown[]) => unknown }), args: [...args] };
	const self = makeProcess(Subclass, { name, daemon, options }, { kind: 'self', handle: new SelfHandle() });
	Object.assign(self, fields);
	processState().self = self;
	return self;
}
