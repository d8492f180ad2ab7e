/** A value goes to another process and comes back. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { registerClass } from 'nprocs';
import { decode } from '#nprocs/codec/decode.js';
import { encode } from '#nprocs/codec/encode.js';
import { Point } from '../fixtures/codec/point.ts';
import { assertSameGraph } from './same-graph.ts';

registerClass(Point, { serialize: ({ x, y }) => [x, y], deserialize: ([x, y]: [number, number]) => new Point(x, y) });

test('a value is the same after another process has had it', () => {
	const point = new Point(1, -0);
	const value: Record<string, unknown> = {
		point,
		list: [point, new Array(3), new Map([[1n, new Set(['ж'])]])],
		error: new TypeError('x'),
		bytes: Buffer.from('abc'),
		doubles: Float64Array.of(NaN, -0),
	};
	value['self'] = value;
	const { stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../fixtures/codec/echo.js')], { input: encode(value).bytes });
	assert.equal(stderr.toString(), '');
	const echo = decode(stdout) as { value: unknown; isPoint: boolean; pid: number };
	assertSameGraph(echo.value, value);
	assert.equal(echo.isPoint, true);
	assert.notEqual(echo.pid, process.pid);
});
