/** Collective operations of MPICH 4.0 whose faults can be gone round, at little cost for versions that lack them. */
import { type BufferView, type EngineBuffer, IN_PLACE_BUFFER } from '../engine/buffers.ts';
import type { Collectives } from '../engine/collectives.ts';
import type { MpiNative } from './mpi-native.ts';

/**
 * It crashes in a Reduce of several hundred elements, in place, where ranks are no power of two and the root is not 0:
 * the data are sent from a copy. And the displacement is ignored in an Allgatherv of one rank: the buffer begins there.
 */
export function withoutFaults(mpi: MpiNative, out: Float64Array, operations: Collectives): Collectives {
	if (mpi.abi !== 'mpich') return operations;
	return {
		...operations,
		reduce: (send, receive, ...rest) => operations.reduce(send === IN_PLACE_BUFFER && isView(receive) ? copyOf(receive) : send, receive, ...rest),
		allgatherv: (send, sendCount, sendType, receive, counts, displacements, type, comm) => {
			if (counts.length !== 1 || displacements[0] === 0 || !isView(receive))
				return operations.allgatherv(send, sendCount, sendType, receive, counts, displacements, type, comm);
			mpi.typeExtent(type);
			const start = receive.byteOffset + displacements[0]! * out[1]!;
			return operations.allgatherv(send, sendCount, sendType, new Uint8Array(receive.buffer, start), counts, new Int32Array(1), type, comm);
		},
	};
}

function isView(buffer: EngineBuffer): buffer is BufferView {
	return typeof buffer === 'object' && buffer !== null;
}

function copyOf({ buffer, byteOffset, byteLength }: BufferView): BufferView {
	return new Uint8Array(buffer, byteOffset, byteLength).slice();
}
