/** The functions of `native/bind/wait_bind.cc`. Results below 0 are `-errno` (errno.ts). */
export interface WaitNative {
	/** Sleeps while the word has the expected value. Also returns early for no reason. */
	futexWait(words: Int32Array, index: number, expected: number, timeoutMs: number): number;
	/** Returns how many sleepers it woke. */
	futexWake(words: Int32Array, index: number, count: number): number;
	/**
	 * Opens this thread's doorbell. Its address is left in `inbox[0]` (high) and `inbox[1]` (low); afterwards each call
	 * of `onNotices` finds `count` notices there, `noticeWords` words each; there must be room for `inboxNotices`. It
	 * keeps the event loop alive only after `doorbellRef(true)`.
	 */
	doorbellOpen(inbox: Int32Array, onNotices: (count: number) => void): number;
	doorbellRef(keepsAlive: boolean): void;
	/** In a forked child, after `uv_loop_fork()`: drops the copy of the parent's doorbell. */
	doorbellClose(): void;
	/** Never blocks. -ECONNREFUSED: its owner is gone. -EAGAIN: its queue is full. */
	doorbellRing(addressHigh: number, addressLow: number, word0: number, word1: number, word2: number): number;
}
