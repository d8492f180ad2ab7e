/**
 * References that are on their way between processes, past the server; outside.ts says how they are made. The server
 * keeps the object of each until nobody can have it any more: of those on this machine the kernel knows, and is asked
 * every second while there are any; those that went over TCP are claimed, or else given up some minutes after their
 * sender is gone.
 */
import { clearInterval, setInterval, nowMs } from '../base/clock.ts';
import { collectGarbage } from '../memory/janitor.ts';
import { pathOf } from '../memory/names.ts';
import { addon } from '../native/addon.ts';
import type { Entry, Objects } from './objects.ts';
import type { Session } from './session.ts';

interface Sent {
	readonly entry: Entry;
	/** When its sender ended. */
	orphanedAtMs?: number;
}

const lookEveryMs = 1000;
/** What is in flight in a channel that is gone is known after the janitor has looked. */
const sweepEveryMs = 10_000;
const keepOrphansMs = 600_000;

export class SentReferences {
	readonly #objects: Objects;
	readonly #isLocal: boolean;
	readonly #sent = new Map<string, Sent>();
	#timer: NodeJS.Timeout | undefined;
	#sweepAtMs = 0;

	constructor(objects: Objects, { isLocal }: { isLocal: boolean }) {
		this.#objects = objects;
		this.#isLocal = isLocal;
	}

	add(entry: Entry, name: string, session: Session): void {
		const sent: Sent = { entry };
		this.#sent.set(name, sent);
		this.#objects.retain(entry);
		if (!this.#isLocal) session.onEnd(() => (sent.orphanedAtMs = nowMs()));
		this.#timer ??= setInterval(() => this.#look(), lookEveryMs).unref();
	}

	/** Whoever claims it has counted it for himself before. */
	claim(name: string): void {
		const sent = this.#sent.get(name);
		if (sent !== undefined) this.#remove(name, sent);
	}

	close(): void {
		clearInterval(this.#timer);
	}

	#look(): void {
		const now = nowMs();
		if (this.#isLocal && now >= this.#sweepAtMs) {
			this.#sweepAtMs = now + sweepEveryMs;
			collectGarbage();
		}
		for (const [name, sent] of [...this.#sent]) if (this.#isGone(name, sent, now)) this.#remove(name, sent);
		if (this.#sent.size > 0) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#isGone(name: string, { orphanedAtMs }: Sent, now: number): boolean {
		if (this.#isLocal) return addon().segmentRemoveUnneeded(pathOf(name)) === 1;
		return orphanedAtMs !== undefined && now - orphanedAtMs > keepOrphansMs;
	}

	#remove(name: string, { entry }: Sent): void {
		this.#sent.delete(name);
		this.#objects.release(entry);
	}
}
