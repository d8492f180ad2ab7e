/** The forkserver's V8 heap: every child begins with a copy of it, and pays for the state in which it is. */
import v8 from 'node:v8';
import { findCollector } from '../base/collector.ts';
import { addon } from '../native/addon.ts';
import { rehearse } from './rehearsal.ts';
import { isFlagGiven, v8Version } from './v8-flags.ts';

/**
 * A child of a dirty heap would spend tens of milliseconds in a collection. With that V8 forgets the shapes of objects that are gone, and learns them again from
 * what is rehearsed.
 */
export async function tidyUp(): Promise<void> {
	collectGarbage();
	for (let i = 0; i < 2; i++) await rehearse();
}

/**
 * Also makes the young generation small: each of its pages costs a child microseconds, once. From V8 14 on it grows by small pieces, and would be nearly full
 * at once.
 */
export function collectGarbage(): void {
	if (v8Version >= 14 || addon().collectAllGarbage() < 0) findCollector()();
	v8.getHeapCodeStatistics(); // V8 finishes its sweeping for that; else each child would, in copies of all pages
}

/**
 * Whether V8 may mark its heap in steps. The forkserver does it at one go: a child that was forked amid the steps would have to finish them, in a heap of which it
 * needs little.
 */
export function markInSteps(may: boolean): void {
	if (!isFlagGiven('--no-incremental-marking')) v8.setFlagsFromString(may ? '--incremental-marking' : '--no-incremental-marking');
}
