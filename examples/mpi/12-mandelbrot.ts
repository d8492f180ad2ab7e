/**
 * Draws the Mandelbrot set by a master and its workers: rank 0 runs the program, the other ranks get the rows of the
 * picture, a few at a time, whoever is free. The first argument names the PNG file; without it, the picture is not
 * kept.
 *
 *     npx nprocs mpiexec -n 4 npx nprocs mpi-pool mandelbrot.js mandelbrot.png
 *
 * Under `mpiexec` of Open MPI or MPICH it runs on a cluster; alone, as `node mandelbrot.js`, in processes of this
 * machine.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMain } from 'nprocs';
import { MPIPoolExecutor } from 'nprocs/mpi';
import { PNG } from 'pngjs';

const width = 900;
const height = 600;
const maxSteps = 300;

/** How many steps each point of a row takes to escape. */
export function row(y: number): Uint16Array {
	const im = (2 * y) / height - 1;
	return Uint16Array.from({ length: width }, (_, x) => stepsToEscape((3 * x) / width - 2.1, im));
}

function stepsToEscape(re: number, im: number): number {
	let [a, b, steps] = [0, 0, 0];
	while (a * a + b * b < 4 && steps < maxSteps) {
		[a, b] = [a * a - b * b + re, 2 * a * b + im];
		steps++;
	}
	return steps;
}

function colourOf(steps: number): number[] {
	if (steps === maxSteps) return [0, 0, 0, 255];
	const shade = (phase: number) => 128 + 127 * Math.sin(0.15 * steps + phase);
	return [shade(4), shade(5), shade(6), 255];
}

if (isMain(import.meta)) {
	const picture = new PNG({ width, height });
	const executor = new MPIPoolExecutor();
	const rows = Array.from({ length: height }, (_, y) => y);
	let y = 0;
	for await (const steps of executor.map(row, rows, { chunksize: 10 })) {
		for (const [x, count] of steps.entries()) picture.data.set(colourOf(count), (y * width + x) * 4);
		y++;
	}
	const workers = executor.numWorkers;
	await executor.shutdown();

	const png = PNG.sync.write(picture);
	const folder = mkdtempSync(join(tmpdir(), 'mandelbrot-'));
	writeFileSync(process.argv[2] ?? join(folder, 'mandelbrot.png'), png);
	rmSync(folder, { recursive: true });
	console.log(`${workers} workers, ${y} rows: a PNG of ${width} x ${height} pixels, ${png.length} bytes`);
}
