/**
 * The seam between MPI as programs see it (api/) and what carries it out: the embedded engine (embedded/) or a real MPI
 * (real/).
 *
 * It lies at MPI's own operations, and only at those that are collective, touch the wire or name an object of the
 * engine. All else is done once, above: checks of arguments, Status and Request objects, groups, coordinates of
 * topologies, attributes, Info, error handlers, object messages. An engine may therefore believe what it is given:
 * ranks, counts and datatypes are valid, buffers are large enough, a root exists.
 *
 * **Conventions.** A function gives an error code, 0 for success; `errorClass()` and `errorString()` explain it. What
 * else it has to tell is in `out` or `status`, which the next call overwrites. A function that starts something gives a
 * request, a number ≥ 0, or minus an error code. Handles are numbers (handles.ts); requests are numbers of their own,
 * free again once they were seen to be complete. Ranks, tags and flags are the constants of constants.ts.
 *
 * **Buffers** are typed arrays, whose first byte is the buffer's address: for the path of a `Send(typedArray, dest,
 * tag)` nothing is allocated. `null` is the address 0, with a count of 0 or where MPI ignores the buffer;
 * `IN_PLACE_BUFFER` is MPI_IN_PLACE. The engine keeps the arrays of what is under way from being collected. Counts are
 * in elements of the datatype, displacements too unless said otherwise.
 *
 * **Blocking calls block the thread**, as in C. For what is awaited there are `whenComplete` and `poll`.
 */
import type { Collectives } from './engine/collectives.ts';
import type { Communicators } from './engine/communicators.ts';
import type { DatatypesAndOps } from './engine/datatypes.ts';
import type { Environment } from './engine/environment.ts';
import type { Files } from './engine/files.ts';
import type { Jobs } from './engine/jobs.ts';
import type { PointToPoint } from './engine/point-to-point.ts';
import type { Requests } from './engine/requests.ts';
import type { Windows } from './engine/windows.ts';

export interface Engine extends PointToPoint, Requests, Communicators, DatatypesAndOps, Windows, Files, Jobs, Environment {
	/** Of the operation that ended last: STATUS_*. */
	readonly status: Int32Array;
	readonly out: Float64Array;
	readonly blocking: Collectives;
	readonly nonblocking: Collectives;
}
