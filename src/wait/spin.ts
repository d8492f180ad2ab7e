/**
 * Looking again and again before sleeping.
 *
 * Spinning pays when the other side answers within microseconds, which needs a core of its own. Nobody says how busy the machine is,
 * so experience decides: the limit grows when spinning helped and shrinks when it did not. Two that hand something to each other must both
 * spin to see that it pays; so now and then each spins for as long as waking a sleeper takes, more and more rarely when that is in vain.
 */
import { availableParallelism } from 'node:os';
import { nowMs } from '../base/clock.ts';
import type { Lookout } from './lookout.ts';

/** Something that can be tried: undefined means "not yet". It must not wait and must not run user code. */
export type Attempt<T> = () => T | undefined;

const maxSpins = 4000;
const minSpins = 4;
const probeSpins = 2500;
const leastWaitsPerProbe = 16;
const mostWaitsPerProbe = 2048;
const firstSpins = 500;
const looksPerClock = 128;
let spinLimit = firstSpins;
let waitsPerProbe = leastWaitsPerProbe;
let waitsUntilProbe = waitsPerProbe;
let maySpin: boolean | undefined;

/** For a while; undefined when no attempt has given a value. */
export function spin<T>(attempt: Attempt<T>, lookout: Lookout | undefined): T | undefined {
	if (!(maySpin ??= availableParallelism() > 1)) return undefined;
	let result: T | undefined;
	lookout?.beginSpin();
	try {
		result = spinUntil(attempt);
	} finally {
		lookout?.endSpin(result !== undefined);
	}
	return result;
}

/** For a time that does not depend on experience. */
export function spinFor<T>(attempt: Attempt<T>, timeMs: number): T | undefined {
	let endMs = 0;
	for (let i = 1; ; i++) {
		const result = attempt();
		if (result !== undefined) return result;
		if (i % looksPerClock !== 0) continue;
		const timeNowMs = nowMs();
		if (endMs === 0) endMs = timeNowMs + timeMs;
		else if (timeNowMs >= endMs) return undefined;
	}
}

function spinUntil<T>(attempt: Attempt<T>): T | undefined {
	const isProbe = --waitsUntilProbe === 0;
	const limit = isProbe ? probeSpins : spinLimit;
	for (let i = 0; i < limit; i++) {
		const result = attempt();
		if (result === undefined) continue;
		spinLimit = Math.min(maxSpins, Math.max(spinLimit, i * 4));
		if (isProbe) waitsUntilProbe = waitsPerProbe = leastWaitsPerProbe;
		return result;
	}
	if (isProbe) waitsUntilProbe = waitsPerProbe = Math.min(mostWaitsPerProbe, waitsPerProbe * 2);
	else spinLimit = Math.max(minSpins, spinLimit >> 1);
	return undefined;
}

/** Forgets what it has learned: it was no experience of this program's. */
export function forgetSpinning(): void {
	spinLimit = firstSpins;
	waitsUntilProbe = waitsPerProbe = leastWaitsPerProbe;
}
