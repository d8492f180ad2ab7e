/**
 * Runs a scenario in every order of its steps, within bounds, and with a death at every step.
 *
 * A step is what a process does up to its next access to shared memory. Orders are explored depth first, each by
 * running the scenario from the start. Switching away from a process that could go on counts as a preemption; orders
 * with more preemptions than the bound are left out (almost all faults of concurrent code show with two). A mortal
 * process may be killed before any of its steps, also asleep; one death per run.
 *
 * When nobody can go on: without a death, that is a lost wake-up, since every sleep must be ended by a waker; after a
 * death, time passes: all sleeps end (the slices of waiter.ts), a few times at most.
 */
import { isFull } from '../helpers/full.js';
import { Thread, type Instantiate } from './steps.js';
import { World, type Program } from './world.js';

export interface Scenario {
	readonly programs: readonly Program[];
	/** Before the programs begin. */
	readonly setup?: (world: World) => void;
	/** Throws when something is wrong in the end. `killed` is the process that died. */
	readonly check?: (world: World, killed: number | undefined) => void;
	/** Index of the process that may be killed. */
	readonly mortal?: number;
	readonly preemptions: number;
	/** The bound of `npm test`, where that of `npm run test:full` takes long. @default preemptions */
	readonly preemptionsInBrief?: number;
	/** Whether each run has new processes and a new registry, not only new objects. @default false */
	readonly fresh?: boolean;
}

export interface Result {
	readonly runs: number;
	readonly deaths: number;
	/** The bound that it was explored within. */
	readonly preemptions: number;
	/** False when the limit of runs came first. */
	readonly complete: boolean;
}

interface Choice {
	index: number;
	count: number;
}

const maxSteps = 5000;
const maxSlices = 6;

/** Throws, with the schedule, at the first run that goes wrong. */
export function explore(instantiate: Instantiate, whole: Scenario, maxRuns = 200_000): Result {
	const preemptions = isFull ? whole.preemptions : (whole.preemptionsInBrief ?? whole.preemptions);
	const scenario = { ...whole, preemptions };
	const path: Choice[] = [];
	let world = new World(instantiate);
	let deaths = 0;
	for (let runs = 1; ; runs++) {
		if (scenario.fresh === true) world = new World(instantiate);
		else world.reset();
		const run = new Run(world, scenario, path);
		run.finish();
		if (run.killed !== undefined) deaths++;
		while (path.length > 0 && path.at(-1)!.index + 1 >= path.at(-1)!.count) path.pop();
		if (path.length === 0) return { runs, deaths, preemptions, complete: true };
		if (runs >= maxRuns) return { runs, deaths, preemptions, complete: false };
		path.at(-1)!.index++;
	}
}

class Run {
	killed: number | undefined;
	readonly #world: World;
	readonly #scenario: Scenario;
	readonly #path: Choice[];
	readonly #threads: Thread[];
	readonly #running = new Set<number>();
	/** Who made each step, and its name. */
	readonly #log: (number | string)[] = [];
	#position = 0;
	#preemptions = 0;
	#current = -1;

	constructor(world: World, scenario: Scenario, path: Choice[]) {
		this.#world = world;
		this.#scenario = scenario;
		this.#path = path;
		scenario.setup?.(world);
		this.#threads = scenario.programs.map((program, id) => new Thread(program(world.process(id))));
		for (const id of this.#threads.keys()) this.#running.add(id);
	}

	finish(): void {
		let slices = 0;
		try {
			for (let steps = 0; this.#running.size > 0; steps++) {
				if (steps > maxSteps) throw new Error('it does not end');
				if (this.#goesOnAlone()) {
					this.#step(this.#current);
					continue;
				}
				const able = [...this.#running].filter((id) => this.#isAble(id));
				if (able.length > 0) this.#decide(able);
				else if (this.killed === undefined) throw new Error('all sleep: a wake-up was lost');
				else if (++slices > maxSlices) throw new Error('all sleep, slice after slice');
				else this.#world.wakeSleepers();
			}
			this.#scenario.check?.(this.#world, this.killed);
		} catch (error) {
			throw new Error(`${(error as Error).message}\nschedule: ${this.#schedule()}`, { cause: error });
		}
	}

	#isAble(id: number): boolean {
		return this.#running.has(id) && !this.#world.asleep.has(id);
	}

	#mayKill(): boolean {
		const { mortal } = this.#scenario;
		return mortal !== undefined && this.killed === undefined && this.#running.has(mortal);
	}

	/**
	 * There is nothing to choose: what most steps of most runs are, so it is found out without a list of those who
	 * could go on.
	 */
	#goesOnAlone(): boolean {
		return this.#preemptions === this.#scenario.preemptions && this.#isAble(this.#current) && !this.#mayKill();
	}

	#decide(able: readonly number[]): void {
		const goesOn = able.includes(this.#current);
		const maySwitch = !goesOn || this.#preemptions < this.#scenario.preemptions;
		const candidates = goesOn ? [this.#current, ...(maySwitch ? able.filter((id) => id !== this.#current) : [])] : able;
		const mortal = this.#scenario.mortal!;
		const mayKill = this.#mayKill() && (candidates[0] === mortal || (maySwitch && this.#world.asleep.has(mortal)));
		const choice = this.#choose(candidates.length + (mayKill ? 1 : 0));
		const next = candidates[choice];
		if (next === undefined) return this.#kill(mortal);
		if (goesOn && next !== this.#current) this.#preemptions++;
		this.#current = next;
		this.#step(next);
	}

	#step(id: number): void {
		const { done, value } = this.#threads[id]!.next();
		this.#log.push(id, done === true ? 'end' : (value as string));
		if (done === true) this.#running.delete(id);
	}

	#kill(id: number): void {
		this.#log.push(id, 'KILLED');
		this.killed = id;
		this.#running.delete(id);
		this.#world.kill(id);
	}

	#schedule(): string {
		return this.#log.map((each) => (typeof each === 'number' ? `${each}:` : `${each} `)).join('');
	}

	#choose(count: number): number {
		if (count === 1) return 0;
		if (this.#position === this.#path.length) this.#path.push({ index: 0, count });
		return this.#path[this.#position++]!.index;
	}
}
