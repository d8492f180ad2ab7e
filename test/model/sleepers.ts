/**
 * Processes of the model that sleep as the library's wait does: who finds nothing to do says that it sleeps, looks once
 * more, and sleeps if nobody has woken it meanwhile.
 */
import type { Body, ModelProcess, World } from './world.js';

export class Sleepers {
	/** Who has said that he sleeps. */
	readonly #sayingSo = new Set<number>();

	/** Until `attempt` gives true; false when `givesUp`. `before` is done before each sleep. */
	*waitFor(
		process: ModelProcess,
		attempt: () => Generator<unknown, boolean>,
		{ before, givesUp = () => false }: { before?: () => Body; givesUp?: () => boolean } = {},
	): Generator<unknown, boolean> {
		for (;;) {
			if (yield* attempt()) return true;
			if (before !== undefined) yield* before();
			this.#sayingSo.add(process.id);
			yield 'says that it sleeps';
			if (yield* attempt()) return true;
			if (givesUp()) return false;
			if (!this.#sayingSo.has(process.id)) continue;
			process.world.asleep.set(process.id, { words: new Int32Array(1), index: 0 });
			yield 'sleeping';
		}
	}

	wake(world: World, id: number): void {
		if (this.#sayingSo.delete(id)) world.asleep.delete(id);
	}
}
