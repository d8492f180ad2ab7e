/**
 * Who takes part: one slot for each thread that uses shared objects, in one segment per user and pid namespace.
 *
 * A **token** names a participant in one word: 12 bits of slot index and 18 bits of the slot's generation, never 0 and
 * never negative. It is what shared memory has on record for an owner. It is dead when the slot's generation has moved
 * on, or when the slot's process is dead, which pid and start time tell together: a recycled pid is another process, a
 * zombie is dead, a stopped process is alive.
 *
 * **Slot**, 32 words:
 *   0, 1   identity as one 64-bit word: pid above, the low 32 bits of the start time below; 0 = free
 *   2      generation
 *   3      thread id
 *   4      wake word: a futex; whoever wakes this thread adds 1
 *   5      mode: 1 = asleep on the wake word, 2 = waits in its event loop, 4 = notices were lost, look at everything
 *   6, 7   the doorbell's address, 0 = none
 *   8-10   the object that the thread sleeps for (identity and word offset), 0 = none
 *   11     how many waits it has in its event loop
 *   12-31  name, UTF-8, padded with zeros
 *
 * **Claim** (claim.ts; the key is the identity): compare-and-swap the identity from 0 to one's own; add 1 to the
 * generation; clear the rest. When all slots are taken, those of dead processes are swept: their identity becomes 0.
 * **Retire**: add 1 to the generation; set the identity to 0. Each step is one atomic operation, and after each of them
 * dying is harmless: a claimed slot whose owner died names a dead process, so it is swept; tokens of the former
 * occupant name a dead process or nobody, then a generation that has passed. A slot whose generation is still the
 * token's has not been retired, so its owner was killed. Only between a claim's two steps does a former occupant's
 * token look alive; who asks again learns better.
 *
 * A fork leaves the slot to the parent: the kernel wipes the copy's fork guard, and so the copy takes a slot of its own
 * at the first `self()`.
 */
import { NprocsError } from '../base/errors.ts';
import { addon } from '../native/addon.ts';
import { errno, failedBy } from '../native/errno.ts';
import { claim, type Keys } from './claim.ts';
import { Segment } from './segment.ts';
import { onUserChange, registryKind } from './user-change.ts';
import { registryName } from './names.ts';
import { slotCount } from './word-counts.ts';

export const slotWords = 32;

/** Word offsets in a slot. */
export const slotField = {
	generation: 2,
	thread: 3,
	wake: 4,
	mode: 5,
	doorbellHigh: 6,
	doorbellLow: 7,
	sleepsFor: 8,
	loopWaits: 11,
	name: 12,
} as const;
export const slotMode = { asleep: 1, inLoop: 2, noticesLost: 4 } as const;

const slotBits = 12;
const generationMask = 0x3_ffff;
const nameBytes = 80;

/** This thread as others know it. */
export interface Participant {
	readonly token: number;
	readonly slot: number;
	/** Word offset of the slot in `registryWords()`. */
	readonly base: number;
}

export interface ParticipantInfo {
	readonly token: number;
	readonly pid: number;
	/** Clock ticks since boot, low 32 bits. */
	readonly startTime: number;
	readonly threadId: number;
	readonly name: string;
	/** How many waits it has pending in its event loop. */
	readonly loopWaits: number;
	/** The object that it sleeps for. */
	readonly sleepsFor: { readonly high: number; readonly low: number; readonly offset: number } | undefined;
}

let segment: Segment | undefined;
let words: Int32Array;
let identities: BigUint64Array;
let guard: Int32Array | undefined;
let current: Participant;
let ownName = '';

/** This thread's slot; takes one at the first call, and again after a fork. */
export function self(): Participant {
	return guard !== undefined && guard[0] === 1 ? current : join();
}

/** All slots; slot i begins at word `i * slotWords`. */
export function registryWords(): Int32Array {
	if ((words as Int32Array | undefined) === undefined) openRegistry();
	return words;
}

/**
 * False for 0, for a thread that has ended, and for a process that is dead. Costs a look into /proc (some
 * microseconds).
 */
export function isAlive(token: number): boolean {
	return token !== 0 && isCurrent(token) && isProcessAlive(Atomics.load(identities, (token & (slotCount - 1)) * (slotWords / 2)));
}

/** Whether the process of a token that is dead ended without the chance to retire its slot. */
export function wasKilled(token: number): boolean {
	const identity = Atomics.load(identities, (token & (slotCount - 1)) * (slotWords / 2));
	return isCurrent(token) && !isProcessAlive(identity);
}

/** Who a token means; undefined when it is dead. */
export function participantOf(token: number): ParticipantInfo | undefined {
	return isAlive(token) ? infoOf(token & (slotCount - 1)) : undefined;
}

/** All living participants. */
export function participants(): ParticipantInfo[] {
	registryWords();
	const found: ParticipantInfo[] = [];
	for (let slot = 0; slot < slotCount; slot++) {
		const identity = Atomics.load(identities, slot * (slotWords / 2));
		if (identity !== 0n && isProcessAlive(identity)) found.push(infoOf(slot));
	}
	return found;
}

/** What others read as this thread's name; kept across forks until it is set again. */
export function setName(name: string): void {
	ownName = name;
	if (guard?.[0] === 1) writeName();
}

/**
 * Runs code with a registry that nobody else sees, for the forkserver, which must leave no trace in /dev/shm. There it
 * is one of two living participants, and gets the other. Only for objects that nobody else sees either.
 */
export function inPrivateRegistry(run: (other: Participant) => void): void {
	const saved = [words, identities, guard, current] as const;
	words = new Int32Array(slotCount * slotWords);
	identities = new BigUint64Array(words.buffer);
	guard = new Int32Array([1]);
	const identity = ownIdentity();
	const enter = (slot: number): Participant => {
		identities[slot * (slotWords / 2)] = identity;
		return { token: slot, slot, base: slot * slotWords };
	};
	current = enter(1);
	const other = enter(31);
	try {
		run(other);
	} finally {
		[words, identities, guard, current] = saved as unknown as [Int32Array, BigUint64Array, Int32Array | undefined, Participant];
	}
}

function join(): Participant {
	registryWords();
	guard ??= addon().forkGuard();
	const slot = claimSlot(ownIdentity());
	const base = slot * slotWords;
	const generation = (Atomics.add(words, base + slotField.generation, 1) + 1) & generationMask;
	words.fill(0, base + slotField.thread, base + slotWords);
	words[base + slotField.thread] = addon().threadId();
	current = { token: (generation << slotBits) | slot, slot, base };
	guard[0] = 1;
	writeName();
	addon().retireAtEnd(segment!.nativeId, Segment.payload + base * 4, Segment.payload + (base + slotField.generation) * 4);
	// Generation 0 in slot 0 would be the token 0, which means nobody.
	return current.token === 0 ? rejoin() : current;
}

function ownIdentity(): bigint {
	const pid = addon().processId();
	return (BigInt(pid) << 32n) | (BigInt(addon().processStartTime(pid)) & 0xffff_ffffn);
}

function rejoin(): Participant {
	Atomics.store(identities, current.slot * (slotWords / 2), 0n);
	guard![0] = 0;
	return join();
}

const keys: Keys<bigint> = {
	nobody: 0n,
	load: (slot) => Atomics.load(identities, slot * (slotWords / 2)),
	swap: (slot, from, to) => Atomics.compareExchange(identities, slot * (slotWords / 2), from, to) === from,
};

function claimSlot(identity: bigint): number {
	const slot = claim(keys, { owner: identity, count: slotCount, mayFree: (found) => !isProcessAlive(found) });
	if (slot >= 0) return slot;
	throw new NprocsError(`Cannot use shared objects: ${slotCount} threads of this user do already.`, { code: 'ERR_NPROCS_TOO_MANY_PARTICIPANTS' });
}

function openRegistry(): void {
	segment = Segment.openOrCreate({ kind: registryKind, name: registryName(), size: slotCount * slotWords * 4, init: seed });
	onUserChange(leave);
	words = segment.int32;
	identities = new BigUint64Array(segment.buffer, Segment.payload, (slotCount * slotWords) / 2);
}

/** Lets go of the registry: this thread takes part as another user from now on. */
function leave(): void {
	if (guard !== undefined) guard[0] = 0;
	segment?.close();
	segment = undefined;
	words = undefined as unknown as Int32Array;
}

/** Generations begin at random, so that tokens of an earlier registry are not taken for tokens of this one. */
function seed(made: Segment): void {
	const start = Number.parseInt(addon().random64().slice(0, 4), 16);
	for (let slot = 0; slot < slotCount; slot++) made.int32[slot * slotWords + slotField.generation] = start + slot * 7;
}

function isCurrent(token: number): boolean {
	registryWords();
	const base = (token & (slotCount - 1)) * slotWords;
	return (Atomics.load(words, base + slotField.generation) & generationMask) === token >>> slotBits;
}

function isProcessAlive(identity: bigint): boolean {
	if (identity === 0n) return false;
	const startTime = addon().processStartTime(Number(identity >> 32n));
	if (failedBy(startTime, errno.EACCES)) return true; // another user's, which is hidden from this one
	return startTime >= 0 && startTime % 2 ** 32 === Number(identity & 0xffff_ffffn);
}

function infoOf(slot: number): ParticipantInfo {
	const base = slot * slotWords;
	const identity = Atomics.load(identities, slot * (slotWords / 2));
	const generation = Atomics.load(words, base + slotField.generation) & generationMask;
	const bytes = new Uint8Array(words.buffer, words.byteOffset + (base + slotField.name) * 4, nameBytes).slice();
	const end = bytes.indexOf(0);
	const [high, low, offset] = words.subarray(base + slotField.sleepsFor, base + slotField.sleepsFor + 3) as unknown as [number, number, number];
	return {
		token: (generation << slotBits) | slot,
		pid: Number(identity >> 32n),
		startTime: Number(identity & 0xffff_ffffn),
		threadId: words[base + slotField.thread]!,
		name: new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)),
		loopWaits: words[base + slotField.loopWaits]!,
		sleepsFor: high === 0 && low === 0 ? undefined : { high, low, offset },
	};
}

function writeName(): void {
	const field = new Uint8Array(words.buffer, words.byteOffset + (current.base + slotField.name) * 4, nameBytes);
	field.fill(0);
	new TextEncoder().encodeInto(ownName, field);
}
