/**
 * Draws the Mandelbrot set. Tiles inside of the set take much longer than others; the pool hands out one at a time, so
 * no process waits for another one. The pixels come back as typed arrays, through shared memory. The first argument
 * names the PNG file; without it, the picture is not kept.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { isMain, Pool } from 'nprocs';
import { PNG } from 'pngjs';

const width = 1200;
const height = 800;
const tileSize = 100;
const maxSteps = 500;

export interface Tile {
	readonly left: number;
	readonly top: number;
}

/** The colours of a tile's pixels, red, green, blue and alpha, row by row. */
export function draw({ left, top }: Tile): Uint8Array {
	const pixels = new Uint8Array(tileSize * tileSize * 4);
	for (let at = 0; at < tileSize * tileSize; at++) {
		const x = left + (at % tileSize);
		const y = top + Math.floor(at / tileSize);
		const steps = stepsToEscape((3 * x) / width - 2.1, (2 * y) / height - 1);
		pixels.set(colourOf(steps), at * 4);
	}
	return pixels;
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

function paste({ left, top }: Tile, pixels: Uint8Array, picture: PNG): void {
	for (let row = 0; row < tileSize; row++) {
		const line = pixels.subarray(row * tileSize * 4, (row + 1) * tileSize * 4);
		picture.data.set(line, ((top + row) * width + left) * 4);
	}
}

async function drawAll(pool: Pool, tiles: Tile[]): Promise<PNG> {
	const picture = new PNG({ width, height });
	const bar = new SingleBar({ stream: process.stdout, clearOnComplete: true, format: '{bar} {value} of {total} tiles' });
	bar.start(tiles.length, 0);
	let done = 0;
	for await (const pixels of pool.imap(draw, tiles)) {
		paste(tiles[done]!, pixels, picture);
		bar.update(++done);
	}
	bar.stop();
	return picture;
}

function save(picture: PNG): void {
	const png = PNG.sync.write(picture);
	const folder = mkdtempSync(join(tmpdir(), 'mandelbrot-'));
	writeFileSync(process.argv[2] ?? join(folder, 'mandelbrot.png'), png);
	rmSync(folder, { recursive: true });
	console.log(`a PNG of ${width} x ${height} pixels, ${png.length} bytes`);
}

if (isMain(import.meta)) {
	const count = (width * height) / tileSize ** 2;
	const tiles = Array.from({ length: count }, (_, i) => ({ left: (i * tileSize) % width, top: Math.floor((i * tileSize) / width) * tileSize }));
	await using pool = await new Pool().ready();

	const began = performance.now();
	const picture = await drawAll(pool, tiles);
	const poolMs = performance.now() - began;
	for (const tile of tiles) draw(tile);
	const aloneMs = performance.now() - began - poolMs;

	save(picture);
	console.log(`one process: ${aloneMs.toFixed()} ms, pool: ${poolMs.toFixed()} ms, ${(aloneMs / poolMs).toFixed(1)} times as fast`);
}
