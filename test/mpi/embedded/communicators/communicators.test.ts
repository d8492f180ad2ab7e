/** Communicators made in all ways: who is in them, that they carry messages, and that a real MPI makes the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, runRanks } from '../../../helpers/mpi.js';

test('communicators of 4 ranks', async () => {
	const { code, lines, stderr } = await runRanks(4, 'communicators');
	assert.equal(code, 0, stderr);
	const has = (line: string): void => assert.ok(lines.includes(line), `${line}\n--- is not among\n${lines.join('\n')}`);
	has('3: dup: rank 3 of [0,1,2,3] others [] got 2 sum 10');
	has('1: first idup: rank 1 of [0,1,2,3] others [] got 0 sum 10');
	has('0: split in two: rank 1 of [2,0] others [] got 2 sum 4');
	has('1: split, one in none: none');
	has('0: create: rank 1 of [2,0,3] others [] got 2 sum 8');
	has('1: create: none');
	has('3: create group: rank 2 of [2,0,3] others [] got 0 sum 8');
	has('0: neighbours: 2,2,-1,1');
	has('1: graph: 0,2');
	has('2: {"sources":[1],"destinations":[3],"sourceWeights":[3],"destinationWeights":[4]}');
	has('0: intercommunicator: rank 1 of [2,0] others [3,1] got 3 sum 6');
	has('1: create of it: none');
	has('2: create of it: rank 0 of [2] others [3] got 3 sum 4');
	has('3: merged: rank 0 of [3,1,2,0] others [] got 0 sum 10');
});

for (const engine of ['openmpi', 'mpich'] as const) {
	test(`the same on ${engine}`, { skip: missing(engine) }, async () => {
		for (const ranks of [4, 5]) {
			const [own, other] = [await runRanks(ranks, 'communicators'), await runRanks(ranks, 'communicators', { engine })];
			assert.deepEqual(own.lines, other.lines, own.stderr + other.stderr);
		}
	});
}
