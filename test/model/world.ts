/** The outside world of the model: memory that all processes see, futexes, processes that can die. */
import { headerBytes } from '#nprocs/memory/layout.js';
import { slotField, slotWords } from '#nprocs/memory/registry.js';
import { isGenerator, runToEnd, type Instance, type Instantiate, type Step } from './steps.js';

/** The steps of a program. */
export type Body = Generator<unknown, void>;

/** More than a scenario has processes. */
const slotsInUse = 64;

/** What a process does: the library's functions are generators there, run by `yield* call(…)`. */
export type Program = (process: ModelProcess) => Step;

export interface ModelProcess {
	readonly id: number;
	readonly lib: Instance;
	readonly world: World;
}

export class World {
	readonly instantiate: Instantiate;
	/** Anything that a scenario wants to keep over the processes. Not part of the model's memory. */
	readonly notes: Record<string, number> = {};
	/** In a critical section. */
	readonly inside = new Set<number>();
	readonly #files = new Map<string, Int32Array>();
	readonly #instances = new Map<number, ModelProcess>();
	readonly dead = new Set<number>();
	readonly asleep = new Map<number, { words: Int32Array; index: number }>();
	/** Those who sleep for a moment only: they can be woken, and go on by themselves. */
	readonly #dozing = new Map<number, { words: Int32Array; index: number }>();

	constructor(instantiate: Instantiate) {
		this.instantiate = instantiate;
	}

	/** An instance of the library as process `id` has it. */
	process(id: number): ModelProcess {
		const known = this.#instances.get(id);
		if (known !== undefined) return known;
		const lib = this.instantiate({ addon: this.#addon(id), Segment: this.#segmentClass() });
		const made = { id, lib, world: this };
		this.#instances.set(id, made);
		return made;
	}

	/** For the next run: all objects are new, but the processes and their slots in the registry are those of before. */
	reset(): void {
		for (const name of Object.keys(this.notes)) delete this.notes[name];
		this.inside.clear();
		this.dead.clear();
		this.asleep.clear();
		this.#dozing.clear();
		const registry = this.#files.get('registry');
		this.#files.clear();
		if (registry === undefined) return;
		this.#files.set('registry', registry);
		for (let slot = 0; slot < slotsInUse; slot++) registry.fill(0, slot * slotWords + slotField.wake, slot * slotWords + slotField.name);
	}

	/** Time passes: all sleeps end. */
	wakeSleepers(): void {
		this.asleep.clear();
	}

	kill(id: number): void {
		this.dead.add(id);
		this.asleep.delete(id);
		this.#dozing.delete(id);
		this.inside.delete(id);
	}

	/** One process at a time may be between these two. */
	enter(id: number): void {
		if (this.inside.size > 0) throw new Error(`process ${id} is inside together with ${[...this.inside].join()}`);
		this.inside.add(id);
	}

	leave(id: number): void {
		this.inside.delete(id);
	}

	#addon(id: number): object {
		const { asleep, dead } = this;
		const dozing = this.#dozing;
		const guard = new Int32Array(1);
		return {
			forkGuard: () => guard,
			processId: () => id,
			threadId: () => id,
			random64: () => '0123456789abcdef',
			retireAtEnd: () => 0,
			reserveExtent: (path: string, offset: number, bytes: number) => {
				const key = `${path}+${offset}`;
				if (!this.#files.has(key)) this.#files.set(key, new Int32Array(bytes / 4));
				return 0;
			},
			mapExtent: (path: string, offset: number) => this.#files.get(`${path}+${offset}`)!.buffer,
			processStartTime: (pid: number) => (dead.has(pid) ? -3 : 1000),
			*futexWait(words: Int32Array, index: number, expected: number, timeoutMs: number): Step {
				yield 'futexWait';
				if (words[index] !== expected) return 0;
				if (timeoutMs < 1) {
					dozing.set(id, { words, index });
					yield 'dozing';
					dozing.delete(id);
					return 0;
				}
				asleep.set(id, { words, index });
				yield 'sleeping';
				return 0;
			},
			*futexWake(words: Int32Array, index: number, count: number): Step {
				yield 'futexWake';
				let woken = 0;
				for (const sleepers of [asleep, dozing]) {
					for (const [sleeper, at] of sleepers) {
						if (woken === count || at.words.buffer !== words.buffer || at.index !== index) continue;
						sleepers.delete(sleeper);
						woken++;
					}
				}
				return woken;
			},
		};
	}

	#segmentClass(): object {
		const files = this.#files;
		class Segment {
			static payload = headerBytes;
			readonly name: string;
			readonly kind: string;
			readonly isNew: boolean;
			readonly int32: Int32Array;
			readonly buffer: ArrayBufferLike;
			readonly closed = false;
			readonly identity = { high: 1, low: 2 };
			readonly nativeId = 1;

			constructor(name: string, kind: string, size: number) {
				this.isNew = !files.has(name);
				const int32 = files.get(name) ?? new Int32Array(new ArrayBuffer(headerBytes + size), headerBytes);
				files.set(name, int32);
				this.name = name;
				this.kind = kind;
				this.int32 = int32;
				this.buffer = int32.buffer;
			}

			static create(options: { kind: string; size: number; init?: (segment: Segment) => unknown }): Segment {
				return Segment.openOrCreate({ name: `${options.kind}-${files.size}`, ...options });
			}

			static open(name: string, kind: string): Segment {
				return new Segment(name, kind, 0);
			}

			static openOrCreate({
				name,
				kind,
				size,
				init,
			}: {
				name: string;
				kind: string;
				size: number;
				init?: (segment: Segment) => unknown;
			}): Segment {
				const segment = new Segment(name, kind, size);
				// Before anyone else can see it: without a stop.
				if (segment.isNew) runToEnd(init?.(segment));
				return segment;
			}
		}
		return Segment;
	}
}

/** Runs what a function of the library returned, in the steps of the process that called it. */
export function* call<T>(result: T): Generator<unknown, Awaited<T>> {
	return (isGenerator(result) ? yield result : result) as Awaited<T>;
}
