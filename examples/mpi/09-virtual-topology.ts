/**
 * Ranks in a grid, each of which knows its neighbours. In a mesh, those at the border have none there (`MPI.PROC_NULL`,
 * which is -1); in a torus, the grid is closed.
 *
 *     npx nprocs mpiexec -n 4 virtual-topology.js
 */
import { isMain } from 'nprocs';
import { MPI } from 'nprocs/mpi';

export function showGrid(kind: 'mesh' | 'torus'): void {
	const isTorus = kind === 'torus';
	const comm = MPI.COMM_WORLD;
	const rows = Math.floor(Math.sqrt(comm.size));
	const columns = Math.floor(comm.size / rows);
	if (comm.rank === 0) console.log(`Building a ${rows} x ${columns} grid topology:`);
	const grid = comm.Create_cart([rows, columns], [isTorus, isTorus], true);
	if (grid === MPI.COMM_NULL) return; // more ranks than places
	const [row, column] = grid.Get_coords(grid.rank);
	const [up, down] = grid.Shift(0, 1);
	const [left, right] = grid.Shift(1, 1);
	console.log(`Process = ${grid.rank} row = ${row} column = ${column} ----> UP = ${up} DOWN = ${down} LEFT = ${left} RIGHT = ${right}`);
}

if (isMain(import.meta)) showGrid('mesh');
