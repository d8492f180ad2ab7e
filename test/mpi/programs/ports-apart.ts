/**
 * One of two jobs that were started apart. `accept <file>`: opens a port, and puts its name into the file. `connect
 * <file>`: connects to that port.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { MPI } from 'nprocs/mpi';

const [role, file = ''] = process.argv.slice(2);
const world = MPI.COMM_WORLD;
const comm = role === 'accept' ? accept() : await connect();
console.log(`${role} ${world.rank} of ${world.size} with ${comm.remote_size}: ${comm.allgather(`${role} ${world.rank}`).join()}`);
comm.Disconnect();

function accept(): MPI.Intercomm {
	const port = world.rank === 0 ? MPI.Open_port() : '';
	if (world.rank === 0) {
		writeFileSync(`${file}.new`, port);
		renameSync(`${file}.new`, file);
	}
	const made = world.Accept(port);
	if (world.rank === 0) MPI.Close_port(port);
	return made;
}

async function connect(): Promise<MPI.Intercomm> {
	while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 10));
	return world.Connect(readFileSync(file, 'utf8'));
}
