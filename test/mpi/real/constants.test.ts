/**
 * What is known of the three binary interfaces, beside TypeScript's constants and beside the headers of the MPIs that
 * are installed.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as constants from '#nprocs/mpi/constants.js';
import { COMM_SELF_HANDLE, COMM_WORLD_HANDLE, MESSAGE_NO_PROC_HANDLE, opHandles, predefinedDatatypes } from '#nprocs/mpi/handles.js';

const table = readFileSync(join(import.meta.dirname, '../../../../native/mpi/constants.def'), 'utf8');
const numbers = [...table.matchAll(/^(?:NUMBER|ERROR)\((\w+), (-?\d+), (-?\d+), (-?\d+)\)/gm)].map(([, name, mpich, openmpi, standard]) => ({
	name: name!,
	mpich: Number(mpich),
	openmpi: Number(openmpi),
	standard: Number(standard),
}));
const handles = [...table.matchAll(/^HANDLE\((\w+), (\d+), "(\w+)", (-?\d+), (\d+)\)/gm)].map(([, kind, seam, symbol, mpich]) => ({
	kind: kind!,
	seam: Number(seam),
	symbol: symbol!,
	mpich: Number(mpich),
}));

/** In the table, and of no use to programs. */
const internal = new Set(['IN_PLACE', 'UNWEIGHTED', 'WEIGHTS_EMPTY']);

const folder = mkdtempSync(join(tmpdir(), 'nprocs-mpi-constants-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('each constant that is translated is one of programs', () => {
	assert.ok(numbers.length > 90, 'the table was read');
	for (const { name } of numbers) assert.equal(name in constants, !internal.has(name), name);
});

/** Classes of newer standards, which no engine gives that the addon knows. */
const notFromEngines = ['SESSION', 'PROC_ABORTED', 'VALUE_TOO_LARGE', 'ERRHANDLER', 'ABI', 'PROC_FAILED', 'PROC_FAILED_PENDING', 'REVOKED'];

test('each class of errors is in the table', () => {
	const known = new Set([...numbers.map(({ name }) => name), ...notFromEngines.map((name) => `ERR_${name}`)]);
	for (const name of Object.keys(constants)) {
		if (name.startsWith('ERR_') && name !== 'ERR_LASTCODE') assert.ok(known.has(name), name);
	}
});

test('each predefined object has its place in the table, once', () => {
	const places = handles.map(({ kind, seam }) => `${kind} ${seam}`);
	assert.equal(new Set(places).size, places.length);
	const symbolOf = (kind: string, handle: number): string | undefined => handles.find((one) => one.kind === kind && one.seam === handle)?.symbol;
	for (const { handle, mpiName } of predefinedDatatypes) {
		assert.equal(symbolOf('kType', handle), `ompi_mpi_${mpiName.slice('MPI_'.length).toLowerCase()}`);
	}
	for (const [name, handle] of Object.entries(opHandles)) assert.equal(symbolOf('kOp', handle), `ompi_mpi_op_${name.toLowerCase()}`);
	assert.equal(symbolOf('kComm', COMM_WORLD_HANDLE), 'ompi_mpi_comm_world');
	assert.equal(symbolOf('kComm', COMM_SELF_HANDLE), 'ompi_mpi_comm_self');
	assert.equal(symbolOf('kMessage', MESSAGE_NO_PROC_HANDLE), 'ompi_message_no_proc');
});

for (const engine of ['openmpi', 'mpich'] as const) {
	const compiler = `mpicc.${engine}`;
	const isThere = spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0;
	test(`the headers of ${engine} have the same numbers`, { skip: isThere ? false : `no ${compiler} here` }, () => {
		const printed = new Map(compileAndRun(compiler).map((line) => line.split(' ') as [string, string]));
		for (const row of numbers) {
			const actual = printed.get(row.name);
			// MPICH has variables for these, of which the addon asks the library.
			if (actual === undefined || row.name === 'UNWEIGHTED' || row.name === 'WEIGHTS_EMPTY') continue;
			assert.equal(Number(actual), row[engine], row.name);
		}
		assert.equal(printed.get('sizeof(MPI_Status)'), engine === 'openmpi' ? '24' : '20');
		for (const { name, mpiName, size, extent } of predefinedDatatypes) {
			assert.equal(printed.get(`size ${mpiName}`.replace(' ', ':')), `${size}:${extent}`, name);
			const { mpich } = handles.find(
				({ kind, seam }) => kind === 'kType' && seam === predefinedDatatypes.find((type) => type.name === name)!.handle,
			)!;
			if (engine === 'mpich') assert.equal(Number(printed.get(mpiName)), mpich, mpiName);
		}
	});
}

/** Names of constants → numbers, of datatypes → size:extent. */
function compileAndRun(compiler: string): string[] {
	const lines = numbers.map(({ name }) => `#ifdef MPI_${name}\n	printf("${name} %lld\\n", (long long)(MPI_${name}));\n#endif`);
	const types = predefinedDatatypes.map(
		({ mpiName }) =>
			`	MPI_Type_size(${mpiName}, &size); MPI_Type_get_extent(${mpiName}, &lower, &extent); printf("size:${mpiName} %d:%ld\\n${mpiName} %lld\\n", size, (long)extent, (long long)${mpiName});`,
	);
	const source = `#include <mpi.h>
#include <stdio.h>
int main(int argc, char** argv) {
	int size; MPI_Aint lower, extent;
	MPI_Init(&argc, &argv);
	printf("sizeof(MPI_Status) %zu\\n", sizeof(MPI_Status));
${[...lines, ...types].join('\n')}
	MPI_Finalize();
	return 0;
}`;
	const program = join(folder, compiler);
	writeFileSync(`${program}.c`, source);
	execFileSync(compiler, ['-w', '-o', program, `${program}.c`]);
	// Open MPI 6 leaves a folder there
	const env = { ...process.env, TMPDIR: folder, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
	return execFileSync(program, { encoding: 'utf8', env }).trim().split('\n');
}
