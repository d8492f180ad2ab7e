/**
 * How many 32-bit words the parts of shared layouts take. By themselves, since classes are laid out when the library is
 * imported, and what works on these words is loaded when it is first used.
 */

/** How many threads can take part: slots of the registry (registry.ts), bits of a set of waiters. */
export const slotCount = 4096;

/** Words of a set of waiters (wait/waiter-set.ts): a summary, a rotor, one bit for each slot. */
export const waiterSetWords: number = 2 + slotCount / 32;

/** Words of a table of tokens (token-table.ts) before its entries. */
export const tableHeadWords = 2;

export function tableWords(entryWords: number, firstCount: number): number {
	return tableHeadWords + entryWords * firstCount;
}
