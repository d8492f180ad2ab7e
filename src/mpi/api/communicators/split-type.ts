/** What `Split_type()` is asked for. */
import { COMM_TYPE_HW_GUIDED, COMM_TYPE_HW_UNGUIDED, COMM_TYPE_RESOURCE_GUIDED, COMM_TYPE_SHARED, UNDEFINED } from '../../constants.ts';
import { entriesOf, type Info } from '../environment/info.ts';

/** MPI.COMM_TYPE_SHARED, or MPI.UNDEFINED: nothing finer than a machine is known. Undefined: there is no such type. */
export function splitTypeFrom(type: number, info: Info | null | undefined): number | undefined {
	if (type === COMM_TYPE_SHARED || type === UNDEFINED) return type;
	if (type === COMM_TYPE_HW_UNGUIDED) return UNDEFINED;
	if (type !== COMM_TYPE_HW_GUIDED && type !== COMM_TYPE_RESOURCE_GUIDED) return undefined;
	const resource = entriesOf(info).find(([key]) => key === 'mpi_hw_resource_type')?.[1];
	return resource === 'mpi_shared_memory' ? COMM_TYPE_SHARED : UNDEFINED;
}
