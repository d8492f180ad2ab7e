/**
 * Gets the pages ready that a new child will write to or look at, all at once: a page fault for each is most of what a
 * child costs, on virtual machines above all (native/os/pages.h). Which those are, a child notes at its end: the one by
 * which the forkserver tests itself, the first of the program, and from then on every few, since the heap moves on.
 *
 * Measured where a page fault takes 25 microseconds: a process that prints a line has 90 of them instead of 610 on Node
 * 24, and 100 instead of 690 on Node 20; of 30 processes one after the other, each takes a third less time from start
 * to join, and all of them a sixth less processor time; where a fault takes 10 microseconds, an eighth less time. It
 * costs an idle process 1.1 MiB, for pages that only those use which do more.
 */
import { addon } from '../native/addon.ts';

/** In the forkserver, before it forks any child. */
export function makePageNote(): void {
	addon().makePageNote();
}

/** Whether the child that is forked as the `count`th is to note what it has used. */
export function isToNotePages(count: number): boolean {
	return count % childrenPerNote === 1;
}

const childrenPerNote = 8;

/** In such a child, as the last that it does. */
export function notePages(): void {
	addon().notePages();
}

/** In a child that gets its request: perhaps more has been noted since it was forked. */
export function readyPages(): void {
	addon().readyPages();
}
