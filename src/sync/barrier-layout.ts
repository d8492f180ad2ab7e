/**
 * The payload of a Barrier: word 0 state, 1 parties, 8 how often it was reset, 40- those who have left, 72- the members
 * (barrier-members.ts), then the waiters.
 */
import { tableWords, waiterSetWords } from '../memory/word-counts.ts';

export const stateWord = 0;
export const partiesWord = 1;
export const resetsWord = 8;
export const leaversWord = 40;
export const remembered = 32;
export const membersWord = 72;

/** Of the members' table, which begins one word behind `membersWord`. */
export const memberWords = 4;
export const firstMembers = 128;

export const waitersWord: number = membersWord + 1 + tableWords(memberWords, firstMembers);
export const barrierWords: number = waitersWord + waiterSetWords;
