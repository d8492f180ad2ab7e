/**
 * Random plans of point-to-point messages, the same on all ranks from one seed, which end on every engine by
 * construction.
 *
 * A plan is a list of steps that all ranks go through in order; a rank does what concerns it. A step is one message, or
 * a burst of messages to one rank. Both sides of a message are at the same step, so the first step that is not through
 * has both its sides at it, however synchronous sends are. A receive may be posted at an earlier step and a request be
 * waited for at a later one: that only helps. What a receive gets is determined by the order of messages with one tag;
 * a receive that is posted early has a tag of its own, so has a burst that is received from any source, and the
 * messages that are received with any tag from any source go through a communicator of their own and are awaited at the
 * end only, since any of them may be received in the place of another.
 */

export type Mode = 'standard' | 'synchronous' | 'buffered';
export type Receiving = 'receive' | 'posted' | 'early' | 'probed' | 'polled' | 'matched' | 'matched later';

export interface Message {
	/** Decides on the content. */
	readonly id: number;
	readonly source: number;
	readonly dest: number;
	readonly tag: number;
	readonly bytes: number;
	readonly mode: Mode;
	/** Whether the send is a request, and at which step it is waited for. */
	readonly waitAt: number | undefined;
}

export interface Step {
	readonly kind: 'message' | 'any source' | 'any tag' | 'any';
	readonly messages: readonly Message[];
	readonly receiving: Receiving;
	/** Where the receive is posted, of 'early' ones; before this step. */
	readonly postAt: number;
	/** Where its request is waited for: of 'posted', 'early' and 'matched later'. */
	readonly receivedAt: number;
	/** Ranks that do nothing for so long before it, by rank. */
	readonly pausesMs: readonly number[];
}

export interface PlanOptions {
	readonly seed: number;
	readonly ranks: number;
	readonly steps: number;
	/** Messages are at most so long. */
	readonly mostBytes: number;
}

const modes: readonly Mode[] = ['standard', 'standard', 'standard', 'synchronous', 'buffered'];
const ways: readonly Receiving[] = ['receive', 'receive', 'posted', 'early', 'probed', 'polled', 'matched', 'matched later'];
/** Tags below are used again and again. */
const commonTags = 3;

export function makePlan({ seed, ranks, steps, mostBytes }: PlanOptions): Step[] {
	const random = generator(seed);
	const below = (n: number): number => Math.floor(random() * n);
	let messages = 0;
	const size = (): number => {
		const most = [1, 41, 100, 5000, 20_000, 200_000, mostBytes][below(7)]!;
		return below(Math.min(most, mostBytes) + 1);
	};
	const message = (at: number, source: number, dest: number, tag: number, asRequest: boolean): Message => {
		const id = messages++;
		const waitAt = asRequest || source === dest || below(2) === 0 ? (asRequest ? steps : at + below(Math.min(30, steps - at))) : undefined;
		// What a rank sends to itself is not waited for before it was received.
		const later = source === dest && waitAt !== undefined ? steps : waitAt;
		return { id, source, dest, tag, bytes: size(), mode: modes[below(modes.length)]!, waitAt: later };
	};
	return Array.from({ length: steps }, (_, at): Step => {
		const kind = (['message', 'message', 'message', 'message', 'any source', 'any tag', 'any'] as const)[below(7)]!;
		const dest = below(ranks);
		const ownTag = commonTags + at;
		const pausesMs = Array.from({ length: ranks }, () => (below(25) === 0 ? below(4) : 0));
		const only = { receiving: 'receive' as Receiving, postAt: at, receivedAt: at, pausesMs };
		if (kind === 'any source' || kind === 'any') {
			const isAny = kind === 'any';
			const count = 1 + below(ranks * 2);
			const burst = Array.from({ length: count }, () => message(at, below(ranks), dest, isAny ? below(commonTags) : ownTag, isAny));
			return { kind, messages: burst, ...only };
		}
		if (kind === 'any tag') return { kind, messages: [message(at, below(ranks), dest, below(commonTags), false)], ...only };
		const receiving = ways[below(ways.length)]!;
		const single = message(at, below(ranks), dest, receiving === 'early' ? ownTag : below(commonTags), false);
		const postAt = receiving === 'early' ? Math.max(0, at - below(20)) : at;
		const receivedAt =
			receiving === 'posted' || receiving === 'early' || receiving === 'matched later' ? at + below(Math.min(20, steps - at)) : at;
		return { kind, messages: [single], receiving, postAt, receivedAt, pausesMs };
	});
}

/** The content of a message. */
export function contentOf({ id, bytes }: Message): Uint8Array {
	const random = generator(id + 1);
	const content = new Uint8Array(bytes);
	for (let i = 0; i < bytes; i++) content[i] = random() * 256;
	return content;
}

/** A number that tells contents apart. */
export function hashOf(content: Uint8Array): number {
	let hash = 0x811c_9dc5;
	for (let i = 0; i < content.length; i++) hash = Math.imul(hash ^ content[i]!, 0x0100_0193);
	return hash >>> 0;
}

/** Numbers from 0 to 1; the seed decides which. */
export function generator(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b_79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
