/**
 * Loads the native addon, on first use and never at import: importing the library must work, and say nothing,
 * even where the addon is missing.
 *
 * The contract is split by concern: each `*-native.ts` beside this file types the functions of one
 * `native/bind/*_bind.cc`.
 */
import { fileURLToPath } from 'node:url';
import { NprocsError } from '../base/errors.ts';
import { refuseBundle } from '../base/parts.ts';
import { processWide } from '../base/process-wide.ts';
import type { CpuNative } from './cpu-native.ts';
import type { DescriptorNative } from './descriptor-native.ts';
import type { ExtentNative } from './extent-native.ts';
import type { HandoverNative } from './handover-native.ts';
import type { InheritanceNative } from './inheritance-native.ts';
import { loadBinary, type LoadFailure } from './load-binary.ts';
import type { MemoryNative } from './memory-native.ts';
import type { ProcessNative } from './process-native.ts';
import type { SocketNative } from './socket-native.ts';
import type { WaitNative } from './wait-native.ts';

export type Addon = CpuNative &
	DescriptorNative &
	ExtentNative &
	HandoverNative &
	InheritanceNative &
	MemoryNative &
	ProcessNative &
	SocketNative &
	WaitNative;

let loaded: Addon | undefined;

export function addon(): Addon {
	return loaded ?? begin();
}

/**
 * What the process's forks are to all copies of the library in it, each of which has an addon of its own: words that
 * the addons write and share (native/os/shared.def). For the main thread, the only one that forks.
 */
export const forkState = processWide('fork-state/1', () => addon().newForkState());

function begin(): Addon {
	loaded = load();
	if (loaded.threadId() === loaded.processId()) loaded.shareForkState(forkState());
	return loaded;
}

function load(): Addon {
	refusePlatform();
	const result = loadBinary('nprocs');
	if ('exports' in result) return result.exports as Addon;
	const { failures } = result;
	refuseBundle();
	if ((failures[0]?.error as { code?: unknown }).code === 'ERR_DLOPEN_DISABLED') {
		throw new NprocsError('nprocs cannot load its native addon: this Node was started with --no-addons, or must not load any.', {
			code: 'ERR_NPROCS_NO_ADDON',
			cause: failures[0]?.error,
		});
	}
	throw cannotLoad(failures);
}

/** Each file that could have been it, and what is wrong with it. */
function cannotLoad(failures: readonly LoadFailure[]): NprocsError {
	const found = failures.filter(({ error }) => (error as { code?: unknown }).code !== 'MODULE_NOT_FOUND');
	const platform = `${process.platform}-${process.arch} (Node ${process.version})`;
	const whatToDo = 'Run `npx nprocs doctor` to see more, or `npx nprocs build-native` to compile it here (needs a C++17 compiler).';
	const what =
		found.length === 0
			? `nprocs has no native addon for ${platform}: there is neither ${failures.map(({ path }) => path).join(' nor ')}.`
			: `nprocs cannot load its native addon on ${platform}: ${found.map(({ error }) => firstLine(error)).join('; ')}.`;
	return new NprocsError(`${what} ${whatToDo}`, { code: 'ERR_NPROCS_NO_ADDON', cause: (found[0] ?? failures[0])?.error });
}

function firstLine(error: unknown): string {
	return String((error as Error).message).split('\n', 1)[0]!;
}

/** Elsewhere nothing could be built either. */
function refusePlatform(): void {
	if (process.platform === 'linux') return;
	throw new NprocsError(`nprocs runs on Linux only: this is ${process.platform}-${process.arch}.`, { code: 'ERR_NPROCS_PLATFORM' });
}
