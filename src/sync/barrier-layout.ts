/**
 * Where things lie in the payload of a Barrier; barrier.ts says what they mean.
 */
import { tableWords, waiterSetWords } from '../memory/word-counts.ts';

export const stateWord = 0;
export const partiesWord = 1;
export const resetsWord = 8;
export const leaversWord = 40;
export const remembered = 32;
export const membersWord = 72;

/** Words of an entry of the members' table, which begins one word behind `membersWord`. */
export const memberWords = 4;
export const firstMembers = 128;

export const waitersWord: number = membersWord + 1 + tableWords(memberWords, firstMembers);
export const barrierWords: number = waitersWord + waiterSetWords;
