/**
 * The same grid as in virtual-topology.ts, closed to a torus: every rank has four neighbours.
 *
 *     npx nprocs mpiexec -n 4 virtual-torus.js
 */
import { showGrid } from './09-virtual-topology.js';

showGrid('torus');
