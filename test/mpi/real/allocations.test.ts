/**
 * `Send(typedArray, dest, tag)` and `Recv` take nothing from V8's heap, so no garbage collection ever stops a program
 * that exchanges numbers. Time limit: 1200 s
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, runRanks } from '../../helpers/mpi.js';

const nodeFlags = ['--expose-gc', '--min-semi-space-size=16'];

for (const engine of ['openmpi', 'mpich'] as const) {
	for (const [type, length] of [
		['Uint8Array', '8'],
		['Float64Array', '1000'],
	] as const) {
		test(`messages of a ${type} of ${length} allocate nothing, ${engine}`, { skip: missing(engine) }, async () => {
			const { code, lines, stderr } = await runRanks(2, 'allocations', { engine, args: [type, length], nodeFlags, timeoutMs: 300_000 });
			assert.equal(code, 0, stderr);
			assert.equal(lines.length, 2);
			// The smallest object has 12 bytes; what the measurement itself leaves behind is less than a byte a call.
			for (const line of lines) {
				const [bytes, calls] = line.split(' bytes in ').map(Number.parseFloat) as [number, number];
				assert.ok(bytes < calls, line);
			}
		});
	}
}
