/**
 * A table of what jobs of MPI take for each of several sizes: a line a size, with the figures of all contenders, ours
 * divided by each other one's, and whether that keeps the aim.
 *
 * A job measures all sizes, and the contenders take turns in rounds. The figures are the medians of the rounds; what
 * stands in parentheses is the least and the greatest quotient of a round.
 */
import { isWanted, median, printHeaderOnce, roundsOr, shown } from '../harness.js';
import { runJob, type JobName } from './jobs.js';

/** What ours divided by another contender's figure has to keep. */
export interface Aim {
	readonly beside: JobName;
	/** At most that, and where higher is better at least. */
	readonly quotient: number;
}

export interface Series {
	readonly title: string;
	/** What ranks.ts measures, and for what: sizes in bytes, or names. */
	readonly what: string;
	readonly items: readonly (number | string)[];
	readonly aim?: (item: number | string) => Aim | undefined;
	/** Ours comes first. */
	readonly names: readonly JobName[];
	/** @default 2 */
	readonly ranks?: number;
	readonly better?: 'lower' | 'higher';
}

export async function series({ title, what, items, aim, names, ranks = 2, better = 'lower' }: Series): Promise<void> {
	if (!isWanted(title)) return;
	printHeaderOnce();
	const figures = new Map(names.map((name) => [name, [] as number[][]]));
	for (let round = 0; round < roundsOr(3); round++) {
		for (const [name, rounds] of figures) {
			const ended = await runJob(name, ranks, what, items.join(','));
			if (ended !== undefined) rounds.push(JSON.parse(ended.output.trim().split('\n').at(-1)!) as number[]);
		}
	}
	console.log(`\n${title}  [${better === 'lower' ? 'µs' : 'MB/s'}, ${better} is better; "÷": ours divided by that]`);
	const [ours, ...others] = names.filter((name) => figures.get(name)!.length > 0);
	if (ours === undefined || ours !== names[0]) return console.log(`  ${names[0]} cannot run here`);
	const heads = [...[ours, ...others].map((name) => name.padStart(17)), ...others.map((name) => `÷ ${name}`.padStart(22))];
	console.log(`  ${''.padEnd(10)}${heads.join('')}   aim`);
	for (const [place, item] of items.entries()) {
		const of = (name: JobName): number[] => figures.get(name)!.map((round) => round[place]!);
		const cells = [ours, ...others].map((name) => shown(median(of(name))).padStart(17));
		const quotients = others.map((name) => quotientText(of(ours), of(name)).padStart(22));
		console.log(`  ${itemText(item).padEnd(10)}${cells.join('')}${quotients.join('')}   ${verdict(aim?.(item), of, { ours, better })}`);
	}
}

function quotientText(ours: readonly number[], theirs: readonly number[]): string {
	const each = ours.slice(0, theirs.length).map((figure, round) => figure / theirs[round]!);
	return `${quotient(ours, theirs).toFixed(2)} (${Math.min(...each).toFixed(2)}–${Math.max(...each).toFixed(2)})`;
}

function quotient(ours: readonly number[], theirs: readonly number[]): number {
	return median(ours) / median(theirs);
}

function verdict(
	aim: Aim | undefined,
	of: (name: JobName) => readonly number[],
	{ ours, better }: { ours: JobName; better: 'lower' | 'higher' },
): string {
	if (aim === undefined) return '';
	const words = `${better === 'lower' ? '≤' : '≥'} ${aim.quotient} × ${aim.beside}: `;
	if (of(aim.beside).length === 0) return `${words}cannot run here`;
	const reached = quotient(of(ours), of(aim.beside));
	return words + ((better === 'lower' ? reached <= aim.quotient : reached >= aim.quotient) ? 'kept' : 'MISSED');
}

function itemText(item: number | string): string {
	if (typeof item === 'string') return item;
	if (item >= 2 ** 20) return `${item / 2 ** 20} MiB`;
	return item >= 1024 ? `${item / 1024} KiB` : `${item} B`;
}
