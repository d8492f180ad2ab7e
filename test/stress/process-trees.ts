/** Random trees of processes with random kills, for as long as one likes: `process-trees.js --seed N --seconds N`. */
import { parseArgs } from 'node:util';
import { isMain } from 'nprocs';
import { growTrees } from '../fixtures/process/trees.ts';

if (isMain(import.meta)) {
	const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, seconds: { type: 'string', default: '20' } } });
	console.log(`${await growTrees(Number(values.seed), 1000 * Number(values.seconds))} trees`);
}
