/**
 * Heat spreads over a plate of 600 x 400 points, whose left edge is kept hot. Each rank has a part of the plate in a
 * grid of ranks, and exchanges the rows and columns at its border with its neighbours before each step. At the end, the
 * plate is drawn: the first argument names the PNG file; without it, the picture is not kept.
 *
 *     npx nprocs mpiexec -n 4 heat-equation.js heat.png
 *
 * The result is the same on any number of ranks; the last line is a check.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MPI } from 'nprocs/mpi';
import { PNG } from 'pngjs';

const width = 600;
const height = 400;
const steps = 500;

/** A rank's part of the plate, with a border of one point around it that belongs to the neighbours. */
interface Part {
	readonly left: number;
	readonly top: number;
	readonly columns: number;
	readonly rows: number;
}

/** The part of rank `index` of `count` along a line of `length` points. */
function share(length: number, count: number, index: number): [begin: number, length: number] {
	const begin = Math.floor((length * index) / count);
	return [begin, Math.floor((length * (index + 1)) / count) - begin];
}

function partOf(coords: readonly number[], dims: readonly number[]): Part {
	const [top, rows] = share(height, dims[0]!, coords[0]!);
	const [left, columns] = share(width, dims[1]!, coords[1]!);
	return { left, top, columns, rows };
}

const comm = MPI.COMM_WORLD;
const dims = MPI.Compute_dims(comm.size, [0, 0]);
const grid = comm.Create_cart(dims, [false, false], false);
const part = partOf(grid.Get_coords(grid.rank), dims);
const { columns, rows } = part;
const [up, down] = grid.Shift(0, 1);
const [leftRank, rightRank] = grid.Shift(1, 1);

const line = columns + 2;
let now: Float64Array = new Float64Array(line * (rows + 2));
let next: Float64Array = new Float64Array(line * (rows + 2));
if (part.left === 0) for (let row = 0; row < rows + 2; row++) now[row * line] = next[row * line] = 100;

/** A column of the field: one point of every line. */
const column = MPI.DOUBLE.Create_vector(rows, 1, line).Commit();
const rowAt = (row: number) => now.subarray(row * line + 1, (row + 1) * line - 1);
const columnAt = (at: number) => [now.subarray(line + at), 1, column] as const;

for (let step = 0; step < steps; step++) {
	grid.Sendrecv(rowAt(1), up, 0, rowAt(rows + 1), down, 0);
	grid.Sendrecv(rowAt(rows), down, 1, rowAt(0), up, 1);
	grid.Sendrecv(columnAt(1), leftRank, 2, columnAt(columns + 1), rightRank, 2);
	grid.Sendrecv(columnAt(columns), rightRank, 3, columnAt(0), leftRank, 3);
	spread();
	[now, next] = [next, now];
}

function spread(): void {
	for (let row = 1; row <= rows; row++) {
		for (let at = row * line + 1; at <= row * line + columns; at++) {
			next[at] = now[at]! + 0.2 * (now[at - 1]! + now[at + 1]! + now[at - line]! + now[at + line]! - 4 * now[at]!);
		}
	}
}

const inner = new Float64Array(rows * columns);
for (let row = 0; row < rows; row++) inner.set(now.subarray((row + 1) * line + 1, (row + 1) * line + 1 + columns), row * columns);
const sum = comm.reduce(Math.round(inner.reduce((total, heat) => total + heat, 0)));
const parts = grid.gather({ part, inner });
if (parts !== null) {
	const png = draw(parts);
	const folder = mkdtempSync(join(tmpdir(), 'heat-'));
	writeFileSync(process.argv[2] ?? join(folder, 'heat.png'), png);
	rmSync(folder, { recursive: true });
	console.log(`${comm.size} ranks, ${steps} steps: a PNG of ${width} x ${height} pixels, ${png.length} bytes`);
	console.log(`mean temperature: ${(sum! / (width * height)).toFixed(3)}`);
}

function draw(parts: readonly { part: Part; inner: Float64Array }[]): Buffer {
	const picture = new PNG({ width, height });
	for (const { part, inner } of parts) {
		for (const [i, heat] of inner.entries()) {
			const x = part.left + (i % part.columns);
			const y = part.top + Math.floor(i / part.columns);
			const warm = Math.round((heat / 100) * 255);
			picture.data.set([warm, Math.round(warm / 3), 255 - warm, 255], (y * width + x) * 4);
		}
	}
	return PNG.sync.write(picture);
}
