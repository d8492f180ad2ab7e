/**
 * The key by which the processes of one program know each other, unless they are given another one. Random; children
 * and threads inherit it. As Python's `current_process().authkey`.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { addon } from '../native/addon.ts';
import { processState } from './current.ts';

/** 256 random bits, the same in this process and all its descendants that were started by this library. */
export function programKey(): Uint8Array {
	return Buffer.from(programKeyText(), 'hex');
}

/** As it is handed to children. */
export function programKeyText(): string {
	const state = processState();
	if (state.programKey !== undefined) return state.programKey;
	const inherited = getEnvironmentData(forThreads) as unknown as string | undefined;
	inheritProgramKey(inherited ?? addon().random64() + addon().random64() + addon().random64() + addon().random64());
	return state.programKey!;
}

/** In a child, before any code of the program runs. */
export function inheritProgramKey(key: string): void {
	processState().programKey = key;
	setEnvironmentData(forThreads, key);
}

const forThreads = 'nprocs.programKey/1';
