/** Grids and graphs, as far as they are arithmetic; nothing here needs an engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Compute_dims, coordsOf, gridFrom, gridSize, rankAt, rankBeside } from '#nprocs/mpi/api/communicators/dims.js';
import { Exception } from '#nprocs/mpi/api/errors/exception.js';
import { graphFrom, UNWEIGHTED, WEIGHTS_EMPTY, weightsFrom } from '#nprocs/mpi/api/communicators/graphs.js';
import { ERR_ARG, ERR_DIMS, ERR_TOPOLOGY, PROC_NULL } from '#nprocs/mpi/constants.js';

function throwsClass(errorClass: number, call: () => unknown): void {
	assert.throws(call, (error) => error instanceof Exception && error.Get_error_class() === errorClass);
}

test('Compute_dims: the examples of the standard', () => {
	assert.deepEqual(Compute_dims(6, [0, 0]), [3, 2]);
	assert.deepEqual(Compute_dims(7, [0, 0]), [7, 1]);
	assert.deepEqual(Compute_dims(6, [0, 3, 0]), [2, 3, 1]);
	throwsClass(ERR_DIMS, () => Compute_dims(7, [0, 3, 0]));
});

test('Compute_dims: even, falling, and of the right product', () => {
	assert.deepEqual(Compute_dims(16, 4), [2, 2, 2, 2]);
	assert.deepEqual(Compute_dims(24, 3), [4, 3, 2]);
	assert.deepEqual(Compute_dims(36, 2), [6, 6]);
	assert.deepEqual(Compute_dims(1, 0), []);
	assert.deepEqual(Compute_dims(4, [4]), [4]);
	for (let nodes = 1; nodes <= 120; nodes++) {
		for (let dims = 1; dims <= 4; dims++) {
			const found = Compute_dims(nodes, dims);
			assert.equal(
				found.reduce((a, b) => a * b, 1),
				nodes,
			);
			assert.deepEqual(
				found,
				found.toSorted((a, b) => b - a),
			);
		}
	}
	throwsClass(ERR_ARG, () => Compute_dims(0, 2));
	throwsClass(ERR_DIMS, () => Compute_dims(4, [-1, 0]));
	throwsClass(ERR_DIMS, () => Compute_dims(4, [3]));
});

test('ranks and coordinates are each other’s inverse; the last dimension varies fastest', () => {
	const grid = gridFrom([2, 3, 4], true);
	assert.equal(gridSize(grid), 24);
	assert.deepEqual(coordsOf(grid, 5), [0, 1, 1]);
	for (let rank = 0; rank < 24; rank++) assert.equal(rankAt(grid, coordsOf(grid, rank)), rank);
	assert.equal(rankAt(grid, [-1, 3, 4]), rankAt(grid, [1, 0, 0]));
	assert.deepEqual(coordsOf(gridFrom([], null), 0), []);
	assert.equal(rankAt(gridFrom([], null), []), 0);
});

test('what lies beyond the edge of a dimension that is not periodic is nobody', () => {
	const mesh = gridFrom([2, 2], [false, true]);
	assert.equal(rankAt(mesh, [2, 0]), PROC_NULL);
	assert.equal(rankBeside(mesh, 0, { direction: 0, steps: -1 }), PROC_NULL);
	assert.equal(rankBeside(mesh, 0, { direction: 1, steps: -1 }), 1);
	throwsClass(ERR_ARG, () => gridFrom([2, 2], [true]));
	throwsClass(ERR_DIMS, () => gridFrom([2, -2], true));
});

test('graphs', () => {
	assert.deepEqual(graphFrom([2, 3, 4, 6], [1, 3, 0, 3, 0, 2]), { index: [2, 3, 4, 6], edges: [1, 3, 0, 3, 0, 2] });
	assert.deepEqual(graphFrom([0, 2, 4], [1, 1, 0, 0]).index, [2, 4], 'a list that begins with 0');
	assert.deepEqual(graphFrom([], []), { index: [], edges: [] });
	throwsClass(ERR_TOPOLOGY, () => graphFrom([2, 1], [1]));
	throwsClass(ERR_TOPOLOGY, () => graphFrom([1, 2], [2, 0]));
	throwsClass(ERR_TOPOLOGY, () => graphFrom([1, 2], [1, 0, 1]));
});

test('weights', () => {
	assert.equal(weightsFrom(null, 2, 'weights'), null);
	assert.equal(weightsFrom(UNWEIGHTED, 2, 'weights'), null);
	assert.deepEqual(weightsFrom([1, 2], 2, 'weights'), Int32Array.of(1, 2));
	assert.deepEqual(weightsFrom(WEIGHTS_EMPTY, 0, 'weights'), new Int32Array());
	throwsClass(ERR_ARG, () => weightsFrom(WEIGHTS_EMPTY, 1, 'weights'));
	throwsClass(ERR_ARG, () => weightsFrom([1], 2, 'weights'));
});
