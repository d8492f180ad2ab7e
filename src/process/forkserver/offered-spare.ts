/**
 * A spare child that the forkserver has given to this process beforehand (forkserver/clients.ts): a start sends its request to it directly, without a word to
 * the forkserver that it would have to wait for.
 *
 * The forkserver has it on record as a child of this process from the start, and tells its end as any other's. It ends when this process closes
 * the socket without having sent a request, so by itself when this process is killed.
 */
import { addon } from '../../native/addon.ts';
import { readAnswer } from './protocol.ts';

export class OfferedSpare {
	readonly pid: number;
	readonly pidfd: number;
	readonly #requests: number;

	constructor(pid: number, pidfd: number, requests: number) {
		this.pid = pid;
		this.pidfd = pidfd;
		this.#requests = requests;
	}

	/** Whether it has the request, and is the child now, to whom `pidfd` belongs; else it has died, and is given up. */
	use(request: Uint8Array, fds: readonly number[]): boolean {
		const isSent = addon().sendMessage(this.#requests, request, fds, false) === request.length;
		addon().closeFd(this.#requests);
		if (!isSent) addon().closeFd(this.pidfd);
		return isSent;
	}

	discard(): void {
		addon().closeFd(this.#requests);
		addon().closeFd(this.pidfd);
	}
}

/** Where they are offered. */
export class SpareOffers {
	readonly #fd: number;

	/** Takes over the socket. */
	constructor(fd: number) {
		this.#fd = addon().closeAtEnd(fd);
	}

	take(): OfferedSpare | undefined {
		const fds: number[] = [];
		const n = addon().receiveMessage(this.#fd, buffer, false, fds);
		const [pidfd, requests] = fds;
		if (n > 0 && pidfd !== undefined && requests !== undefined) return new OfferedSpare(readAnswer(buffer.subarray(0, n)).first, pidfd, requests);
		return undefined; // nothing there; or with too many open files it is lost, and ends
	}

	close(): void {
		addon().closeFd(this.#fd);
	}
}

const buffer = new Uint8Array(64);
