import type { Address } from '../connection/socket/address.ts';
import { isOf, type Kind } from '../base/arguments.ts';
import { ArgumentError } from '../base/errors.ts';
import { Server } from './server.ts';

const aServer: Kind = { what: 'a server', has: (value) => value instanceof Server };

/** A server in the process that has made it. */
export class ManagerServer implements AsyncDisposable {
	readonly #server: Server;

	/** Made by `getServer()` only. */
	constructor(server: Server) {
		if (!isOf(aServer, server)) throw new ArgumentError('Cannot make a ManagerServer by itself: a manager’s getServer() makes it.');
		this.#server = server;
	}

	/** The true port once it serves. */
	get address(): Address {
		return this.#server.address;
	}

	/** Begins to serve, and resolves when it does: then the address is known. `serveForever` does it by itself. */
	async listen(): Promise<this> {
		await this.#server.open();
		return this;
	}

	/** Resolves when the server was closed, here or by a client's `shutdown()`. */
	async serveForever(): Promise<void> {
		await this.#server.open();
		await this.#server.closed();
	}

	/** Idempotent. */
	close(): void {
		this.#server.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}
}
