/** The functions of `native/bind/cpu_bind.cc`. Results below 0 are `-errno`. */
export interface CpuNative {
	/**
	 * When the main thread of `pid` is ready to run on the very CPU on which this thread runs, this one moves to
	 * another CPU that it may use; which those are is the same afterwards. 1: it has moved. Costs a look into /proc
	 * (about ten microseconds).
	 */
	makeWay(pid: number): number;
	/** Lets another thread run that is ready to run on this CPU, if there is one (sched_yield(2)). */
	yieldCpu(): void;
}
