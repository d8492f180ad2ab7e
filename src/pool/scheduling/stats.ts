/** How long tasks wait and run. In piscina's form, so that dashboards made for it work. */
import { nowMs } from '../../base/clock.ts';
import { Histogram } from './histogram.ts';

/** In milliseconds, but `min` and `max` too. */
export interface TimeSummary {
	readonly average: number;
	readonly mean: number;
	readonly stddev: number;
	readonly min: number;
	readonly max: number;
	readonly p0_001: number;
	readonly p0_01: number;
	readonly p0_1: number;
	readonly p1: number;
	readonly p2_5: number;
	readonly p10: number;
	readonly p25: number;
	readonly p50: number;
	readonly p75: number;
	readonly p90: number;
	readonly p97_5: number;
	readonly p99: number;
	readonly p99_9: number;
	readonly p99_99: number;
	readonly p99_999: number;
}

export interface PoolStats {
	/** Items that have ended with a result, and with an error. */
	readonly completed: number;
	readonly failed: number;
	/** Items that wait, and that run or are about to. */
	readonly queued: number;
	readonly running: number;
	readonly workers: number;
	/** Workers that were started, ever, and of these those that died unasked. */
	readonly started: number;
	readonly died: number;
	/** Milliseconds since the pool was made. */
	readonly duration: number;
	/** The part of the workers' time that tasks have used, 0 … 1. */
	readonly utilization: number;
	readonly waitTime: TimeSummary;
	readonly runTime: TimeSummary;
}

export class Statistics {
	completed = 0;
	failed = 0;
	runMs = 0;
	readonly madeMs: number = nowMs();
	readonly #wait = new Histogram();
	readonly #run = new Histogram();

	waited(sinceMs: number): void {
		this.#wait.record(nowMs() - sinceMs, 1);
	}

	/** So many items, after so long each. */
	ended(us: number, outcome: 'completed' | 'failed', count = 1): void {
		this[outcome] += count;
		this.runMs += (us * count) / 1000;
		this.#run.record(us / 1000, count);
	}

	get waitTime(): TimeSummary {
		return summary(this.#wait);
	}

	get runTime(): TimeSummary {
		return summary(this.#run);
	}
}

const percentiles = [0.001, 0.01, 0.1, 1, 2.5, 10, 25, 50, 75, 90, 97.5, 99, 99.9, 99.99, 99.999];

function summary(histogram: Histogram): TimeSummary {
	const parts = percentiles.map((p): [string, number] => [`p${String(p).replace('.', '_')}`, 0]);
	const values = histogram.percentiles(percentiles);
	for (const [i, part] of parts.entries()) part[1] = values[i]!;
	const { mean, stddev, min, max } = histogram;
	return { average: mean, mean, stddev, min, max, ...Object.fromEntries(parts) } as unknown as TimeSummary;
}
