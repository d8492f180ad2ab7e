/**
 * Communicators of groups alone, without one that holds them all: only the ranks of the groups take part. A text tells
 * what is made at the same time apart; it becomes the tag with which a communicator of these ranks is made of
 * COMM_WORLD, on every engine.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ARG, ERR_GROUP, ERR_RANK, MAX_STRINGTAG_LEN } from '../../constants.ts';
import { COMM_WORLD_HANDLE } from '../../handles.ts';
import { check, fail } from '../arguments/check.ts';
import { keywordsOr } from '../arguments/keywords.ts';
import { anInt } from '../arguments/numbers.ts';
import { entriesOf, type Info } from '../environment/info.ts';
import { engine } from '../environment/lifecycle.ts';
import { Errhandler } from '../errors/errhandler.ts';
import { type Group, ranksOf } from './group.ts';

/** mpi4py's keyword arguments. */
export interface FromGroupOptions {
	/** @default 'org.mpi4py' */
	readonly stringtag?: string;
	readonly info?: Info | null;
	readonly errhandler?: Errhandler | null;
}

const defaults: Required<FromGroupOptions> = { stringtag: 'org.mpi4py', info: null, errhandler: null };

/** The arguments behind the groups; checked. */
export function fromGroupArguments(
	owner: string,
	stringtag: string | FromGroupOptions,
	info: Info | null,
	errhandler: Errhandler | null,
): { tag: number; errhandler: Errhandler | undefined } {
	const positional = { stringtag: stringtag as string, info, errhandler };
	const given = keywordsOr<FromGroupOptions>({ owner, first: stringtag, positional, defaults });
	entriesOf(given.info ?? null);
	const handler = given.errhandler === null || given.errhandler === undefined ? undefined : Errhandler.checked(given.errhandler);
	return { tag: tagOf(given.stringtag), errhandler: handler };
}

/** The engine's number of a communicator of these ranks; 0 for no ranks. */
export function commOfGroup(group: Group, tag: number): number {
	const ranks = ranksOf(group);
	if (ranks.length === 0) return 0;
	const own = engine().describeComm(COMM_WORLD_HANDLE).rank;
	if (!ranks.includes(own))
		fail(ERR_GROUP, `This process, rank ${own} of MPI.COMM_WORLD, is not in the group: only the group's ranks make the call.`);
	check(engine().commCreateGroup(COMM_WORLD_HANDLE, Int32Array.from(ranks), tag));
	return engine().out[0]!;
}

export interface TwoGroups {
	readonly localGroup: Group;
	readonly localLeader: number;
	readonly remoteGroup: Group;
	readonly remoteLeader: number;
}

/** The engine's number of an intercommunicator between both. */
export function commBetweenGroups({ localGroup, localLeader, remoteGroup, remoteLeader }: TwoGroups, tag: number): number {
	const leader = aLeader(localLeader, localGroup, 'local_leader');
	const other = ranksOf(remoteGroup)[aLeader(remoteLeader, remoteGroup, 'remote_leader')]!;
	const shared = ranksOf(localGroup).filter((rank) => ranksOf(remoteGroup).includes(rank));
	if (shared.length > 0) fail(ERR_GROUP, `The rank ${shared[0]} of MPI.COMM_WORLD is in both groups: each can be in one.`);
	const local = commOfGroup(localGroup, tag);
	check(engine().intercommCreate(local, leader, COMM_WORLD_HANDLE, other, tag));
	const made = engine().out[0]!;
	check(engine().commFree(local));
	return made;
}

function aLeader(leader: number, group: Group, name: string): number {
	const { length } = ranksOf(group);
	const rank = anInt(leader, { name });
	if (rank < 0 || rank >= length) fail(ERR_RANK, `There is no rank ${rank} (\`${name}\`): the group has ${length}.`);
	return rank;
}

/** Every engine takes tags up to 32767. */
function tagOf(stringtag: unknown): number {
	if (typeof stringtag !== 'string') throw new ArgumentError(`Expected \`stringtag\` to be a string, got ${describe(stringtag)}.`);
	const bytes = Buffer.from(stringtag);
	if (bytes.length >= MAX_STRINGTAG_LEN)
		fail(ERR_ARG, `\`stringtag\` has ${bytes.length} bytes: at most ${MAX_STRINGTAG_LEN - 1} (MPI.MAX_STRINGTAG_LEN - 1) are allowed.`);
	let hash = 5381;
	for (const byte of bytes) hash = (hash * 33 + byte) & 0x7fff_ffff;
	return hash & 0x7fff;
}
