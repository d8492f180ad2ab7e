/**
 * Looking again and again before sleeping.
 *
 * Spinning pays when the other side answers within microseconds, which needs a core of its own. Experience decides: the
 * time grows when spinning helped and shrinks when it did not. Two that hand something to each other must both spin to
 * see that it pays; so now and then each spins for as long as waking a sleeper takes, more and more rarely when that is
 * in vain. And to sleep and be woken costs both sides some tens of microseconds of work, so while this thread gets its
 * core whenever it wants it, the time never shrinks below that. Whether it does, the kernel tells: it counts how long a
 * thread waits for a core.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { nowMs } from '../base/clock.ts';
import type { Lookout, SpinOutcome } from './lookout.ts';

/** Something that can be tried: undefined means "not yet". It must not wait and must not run user code. */
export type Attempt<T> = () => T | undefined;

const mostMs = 0.4;
const firstMs = 0.2;
const probeMs = 0.25;
/** While no other thread wants this one's core; and the most while one does, who may be the one that is to answer. */
const leastMs = 0.06;
const mostInCrowdMs = 0.05;
const leastWaitsPerProbe = 16;
const mostWaitsPerProbe = 2048;
/** The clock is looked at once in so many attempts: a look costs as much as some of them. */
const attemptsPerLook = 8;
const looksPerClock = 128;
const midwayPart = 0.1;
let limitMs = firstMs;
let waitsPerProbe = leastWaitsPerProbe;
let waitsUntilProbe = waitsPerProbe;
let maySpin: boolean | undefined;

/** Tries again and again, for as long as experience says; undefined when no attempt has given a value. */
export function spin<T>(attempt: Attempt<T>, lookout: Lookout | undefined): T | undefined {
	if (!(maySpin ??= availableParallelism() > 1)) return undefined;
	// Who has found something that is an error looks no more, either.
	let outcome: SpinOutcome = 'found';
	lookout?.beginSpin();
	try {
		const result = spinUntil(attempt);
		if (result === undefined) outcome = 'in vain';
		return result;
	} finally {
		lookout?.endSpin(outcome);
	}
}

/**
 * Tries again and again, for a time that does not depend on experience. `midway` is called once, when a tenth of it has
 * passed in vain.
 */
export function spinFor<T>(attempt: Attempt<T>, timeMs: number, midway?: () => void): T | undefined {
	let endMs = 0;
	let midwayMs = 0;
	for (let i = 1; ; i++) {
		const result = attempt();
		if (result !== undefined) return result;
		if (i % looksPerClock !== 0) continue;
		const timeNowMs = nowMs();
		if (endMs === 0) {
			endMs = timeNowMs + timeMs;
			midwayMs = midway === undefined ? Infinity : timeNowMs + timeMs * midwayPart;
		} else if (timeNowMs >= endMs) return undefined;
		else if (timeNowMs >= midwayMs) {
			midwayMs = Infinity;
			midway!();
		}
	}
}

function spinUntil<T>(attempt: Attempt<T>): T | undefined {
	const isProbe = --waitsUntilProbe === 0;
	const begunMs = nowMs();
	const most = wasCrowded ? mostInCrowdMs : mostMs;
	const forMs = Math.min(most, isProbe ? probeMs : limitMs);
	let tookMs = 0;
	for (let i = 1; tookMs < forMs; i++) {
		const result = attempt();
		if (i % attemptsPerLook === 0 || result !== undefined) tookMs = nowMs() - begunMs;
		if (result === undefined) continue;
		limitMs = Math.min(most, Math.max(limitMs, tookMs * 4));
		if (isProbe) waitsUntilProbe = waitsPerProbe = leastWaitsPerProbe;
		return result;
	}
	if (isProbe) waitsUntilProbe = waitsPerProbe = Math.min(mostWaitsPerProbe, waitsPerProbe * 2);
	else limitMs = Math.max(isCrowded(begunMs) ? 0 : leastMs, limitMs / 2);
	return undefined;
}

/** Forgets what was learned while the forkserver warmed up: that was no experience of the program's. */
export function forgetSpinning(): void {
	limitMs = firstMs;
	waitsUntilProbe = waitsPerProbe = leastWaitsPerProbe;
	lookedMs = 0;
}

// ---- whether others want the core ----

const msPerLook = 20;
/** From this part of the time on that this thread had to wait for a core, others want it. */
const crowdedFrom = 0.1;
let lookedMs = 0;
let delayedMs = 0;
let wasCrowded = false;

/** Whether this thread has waited for a core lately. Where the kernel does not say, it may have. */
function isCrowded(atMs: number): boolean {
	if (atMs - lookedMs < msPerLook) return wasCrowded;
	const delayMs = runDelayMs();
	wasCrowded = Number.isNaN(delayMs) || delayMs - delayedMs > (atMs - lookedMs) * crowdedFrom;
	lookedMs = atMs;
	delayedMs = delayMs;
	return wasCrowded;
}

const scratch = Buffer.alloc(64);

/** For how long this thread could have run and was not let, since it began. NaN where the kernel does not say. */
function runDelayMs(): number {
	let fd: number | undefined;
	try {
		fd = openSync('/proc/thread-self/schedstat', 'r');
		return Number(scratch.toString('latin1', 0, readSync(fd, scratch)).split(' ')[1]) / 1e6;
	} catch {
		return NaN;
	} finally {
		if (fd !== undefined) closeSync(fd);
	}
}
