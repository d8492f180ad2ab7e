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
/** Hexadecimal digits of an address or ticket of the handover: those of 64 random bits. */
export const ticketLength = 16;
