/**
 * Makes each of the calls of bad-calls.ts on every rank, and looks at what is left as it was. The argument is the
 * engine. Prints a line for each: rank, call, class of the error.
 */
import { MPI } from 'nprocs/mpi';
import { badCallsOn, type Setting } from '../bad-calls.js';

const comm = MPI.COMM_WORLD.Dup();
const { rank, size } = comm;
const names = new Map(
	Object.entries(MPI)
		.filter(([name]) => name.startsWith('ERR_'))
		.map(([name, value]) => [value as number, name]),
);

function classOf(error: unknown): string {
	if (error instanceof MPI.Exception) return names.get(error.Get_error_class()) ?? `class ${error.Get_error_class()}`;
	return error instanceof Error ? error.name + (error.name === 'ArgumentError' ? '' : `: ${error.message}`) : String(error);
}

/** What is different from before, in words; empty when nothing is. */
function changes({ buffer, other, doubles, status }: Setting): string {
	const found: string[] = [];
	if (buffer.join() !== '1,2,3,4' || other.join() !== '5,6,7,8' || doubles.join() !== '1,2,3,4') found.push('a buffer has changed');
	if (status.Get_source() !== 77 || status.Get_tag() !== 78) found.push('the status has changed');
	// Nothing of the call has reached another rank, or is still to come
	const [left, right] = [(rank - 1 + size) % size, (rank + 1) % size];
	const [sent, got] = [Int32Array.of(rank), new Int32Array(1)];
	comm.Sendrecv(sent, right, 3, got, left, MPI.ANY_TAG);
	if (got[0] !== left) found.push(`got ${got[0]} from rank ${left}`);
	return found.join(', ');
}

for (const { name, call } of badCallsOn(process.argv[2]!)) {
	const status = new MPI.Status();
	status.Set_source(77);
	status.Set_tag(78);
	const setting: Setting = {
		MPI,
		comm,
		rank,
		size,
		buffer: Int32Array.of(1, 2, 3, 4),
		other: Int32Array.of(5, 6, 7, 8),
		doubles: Float64Array.of(1, 2, 3, 4),
		status,
	};
	let result = 'no error';
	try {
		call(setting);
	} catch (error) {
		result = classOf(error);
	}
	const changed = changes(setting);
	console.log(`${rank} | ${name} | ${result}${changed === '' ? '' : ` | ${changed}`}`);
}
comm.Free();
