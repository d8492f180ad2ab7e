/**
 * The functions of `native/bind/handover_bind.cc`: descriptors that wait to be fetched by another process. Results
 * below 0 are `-errno` (errno.ts).
 *
 * Addresses and tickets have 16 hexadecimal digits.
 */
export interface HandoverNative {
	/** Where this process hands out what it offers. Another one in a forked child. */
	handoverAddress(): string;
	/**
	 * Keeps a copy until it is fetched or withdrawn, or until nobody needs the segment at `channelPath` any more. The
	 * first call starts a thread.
	 */
	offerDescriptor(ticket: string, fd: number, channelPath: string): number;
	/** 1: it was still there. */
	withdrawDescriptor(ticket: string): number;
	/** How many wait to be fetched, by somebody who still can: those of one channel, or with '' all. */
	countOffers(channelPath: string): number;
	/**
	 * A new descriptor. -ECONNREFUSED: the process there has ended; -ENOENT: it does not offer that; -ETIMEDOUT: it
	 * does not answer.
	 */
	fetchDescriptor(address: string, ticket: string, timeoutMs: number): number;
}
