/**
 * The forkserver's side of its connections: the answers that it owes, and the spares that it has offered.
 *
 * A client that starts one process after the other is given its spares beforehand, through a socket of their own that it looks into when it starts the next one:
 * so its event loop need not wake for them, and a start need not wait for the forkserver.
 */
import { constants } from 'node:os';
import { addon } from '../native/addon.ts';
import { answer, writeAnswer } from '../process/forkserver/protocol.ts';

interface Client {
	/** Answers that did not fit into its buffer yet. */
	readonly pending: Uint8Array[];
	/** Where spares are offered to it. */
	offers: number | undefined;
}

/** A client is known by its socket. */
export class Clients {
	readonly #clients = new Map<number, Client>();
	#lastStarter: number | undefined;
	/** How many starts in a row were its. */
	#streak = 0;

	add(fd: number): void {
		this.#clients.set(fd, { pending: [], offers: undefined });
	}

	drop(fd: number): void {
		const offers = this.#clients.get(fd)?.offers;
		if (offers !== undefined) addon().closeFd(offers);
		addon().closeFd(fd);
		this.#clients.delete(fd);
		if (this.#lastStarter === fd) this.#lastStarter = undefined;
	}

	get sockets(): number[] {
		return [...this.#clients.keys()];
	}

	/** All that a forked process must not have. */
	get descriptors(): number[] {
		const offers = [...this.#clients.values()].flatMap((client) => client.offers ?? []);
		return [...this.#clients.keys(), ...offers];
	}

	/** Whether one has not read all its answers. */
	get isOneBehind(): boolean {
		return [...this.#clients.values()].some(({ pending }) => pending.length > 0);
	}

	/** Sends what is pending and `next`; what does not fit now is kept: a client that does not read must not stop the others. */
	answer(fd: number, next?: Uint8Array): void {
		const pending = this.#clients.get(fd)?.pending;
		if (pending === undefined) return;
		if (next !== undefined) pending.push(next);
		while (pending.length > 0 && addon().sendMessage(fd, pending[0] as Uint8Array, [], false) !== -constants.errno.EAGAIN) pending.shift();
	}

	/** To a client that waits for just this answer: there is room for it as soon as what is pending has been read. */
	answerAwaited(fd: number, message: Uint8Array, fds: readonly number[]): void {
		for (const earlier of this.#clients.get(fd)?.pending.splice(0) ?? []) addon().sendMessage(fd, earlier, [], true);
		addon().sendMessage(fd, message, fds, true);
	}

	noteStart(fd: number): void {
		this.#streak = fd === this.#lastStarter ? this.#streak + 1 : 1;
		this.#lastStarter = fd;
	}

	/** The client whose the next start will be, as far as one can tell. */
	get nextStarter(): number | undefined {
		return this.#streak > 1 ? this.#lastStarter : undefined;
	}

	/** Whether the client has got it. The descriptors are copied. */
	offer(fd: number, pid: number, pidfd: number, requests: number): boolean {
		const client = this.#clients.get(fd);
		if (client === undefined) return false;
		client.offers ??= openOffers(fd);
		return client.offers !== undefined && addon().sendMessage(client.offers, writeAnswer(answer.spare, pid), [pidfd, requests], false) > 0;
	}
}

function openOffers(client: number): number | undefined {
	const pair = addon().socketPair(true);
	if (typeof pair === 'number') return undefined;
	const sent = addon().sendMessage(client, writeAnswer(answer.offers), [pair[1]], false);
	addon().closeFd(pair[1]);
	if (sent > 0) return pair[0];
	addon().closeFd(pair[0]);
	return undefined;
}
