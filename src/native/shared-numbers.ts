/**
 * The numbers that the addon knows, too.
 *
 * Made of native/os/shared.def by scripts/shared-numbers.mjs.
 */
/** How many descriptors travel with one message, at most: a little below the kernel's limit. */
export const maxPassedFds = 250;
/** What a descriptor can be ready for. */
export const readable = 1;
export const writable = 2;
/** How many notices a doorbell's inbox has room for, and how many words a notice has. */
export const inboxNotices = 128;
export const noticeWords = 3;
/** Words about forks (src/native/addon.ts). The first: how many lie between the program's start and this process. */
export const forkGeneration = 0;
/** Whether this process was just forked, and its stack is being unwound. */
export const isUnwinding = 1;
/** How many forks this process, and those that it is a copy of, have begun. */
export const forksBegun = 2;
export const forkWords = 3;
/** Hexadecimal digits of an address or ticket of the handover: those of 64 random bits. */
export const ticketLength = 16;
