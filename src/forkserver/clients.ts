/** The forkserver's side of its connections: the answers that it owes. */
import { addon } from '../native/addon.ts';
import { errno, failedBy } from '../native/errno.ts';

/** A client is known by its socket. */
export class Clients {
	/** Socket → answers that did not fit into its buffer yet. */
	readonly #pending = new Map<number, Uint8Array[]>();

	add(fd: number): void {
		this.#pending.set(fd, []);
	}

	drop(fd: number): void {
		addon().closeFd(fd);
		this.#pending.delete(fd);
	}

	get sockets(): number[] {
		return [...this.#pending.keys()];
	}

	/** Whether one has not read all its answers. */
	get isOneBehind(): boolean {
		return [...this.#pending.values()].some((pending) => pending.length > 0);
	}

	/**
	 * Sends what is pending and `next`; what does not fit now is kept: a client that does not read must not stop the
	 * others.
	 */
	answer(fd: number, next?: Uint8Array): void {
		const pending = this.#pending.get(fd);
		if (pending === undefined) return;
		if (next !== undefined) pending.push(next);
		while (pending.length > 0 && !failedBy(addon().sendMessage(fd, pending[0] as Uint8Array, [], false), errno.EAGAIN)) pending.shift();
	}

	/** To a client that waits for just this answer: there is room for it as soon as what is pending has been read. */
	answerAwaited(fd: number, message: Uint8Array, fds: readonly number[]): void {
		for (const earlier of this.#pending.get(fd)?.splice(0) ?? []) addon().sendMessage(fd, earlier, [], true);
		addon().sendMessage(fd, message, fds, true);
	}
}
