/**
 * When received arrays are freed, and when their memory is unmapped.
 *
 * They are collected when V8 comes to it, which may be after hundreds of megabytes: all of them fresh memory, which the
 * kernel takes ten times as long to give as it takes to fill an old file again (out-of-band-pool.ts). So whoever
 * receives much has V8 look through its youngest objects every now and then: that takes a tenth of a millisecond. If it
 * does not help, because the program keeps what it gets, it is done less often.
 *
 * What has been collected stays mapped for the file's next filling (native/os/out_of_band.h), until none has been
 * received for a while.
 */
import { setTimeout } from '../base/clock.ts';
import { forkHook, forkStep } from '../base/at-fork.ts';
import { findCollector, type Collector } from '../base/collector.ts';
import { addon } from '../native/addon.ts';

const leastBytes = 2 ** 24;
const mostBytes = 2 ** 30;
const idleMs = 1000;

let receivedBytes = 0;
let intervalBytes = leastBytes;
let collect: Collector | undefined;

/** To be called before a file of this size is opened. */
export function collectReceived(size: number): void {
	unmapLater();
	receivedBytes += size;
	if (receivedBytes < intervalBytes) return;
	const before = addon().openOutOfBandBytes();
	if (before > 0) (collect ??= findCollector())({ type: 'minor' });
	const hasHelped = addon().openOutOfBandBytes() <= before / 2;
	intervalBytes = hasHelped ? leastBytes : Math.min(2 * intervalBytes, mostBytes);
	receivedBytes = 0;
}

let isTicking = false;
const renewAtFork = forkHook({ step: forkStep.waits, inCopy: () => void (isTicking = false) });

function unmapLater(): void {
	if (isTicking) return;
	isTicking = true;
	renewAtFork();
	setTimeout(() => {
		isTicking = false;
		if (addon().unmapIdleOutOfBand(idleMs)) unmapLater();
	}, idleMs).unref();
}
