/** All that the object `MPI` has. */
export * from './constants.ts';

export { BOTTOM, IN_PLACE, type Bottom, type BufferData, type InPlace } from './api/buffer-data.ts';
export type { BufSpec, Counts, MaybeBufSpec, TypeSpec } from './api/buffer-spec.ts';
export type { BufSpecV, BufSpecW } from './api/vector-spec.ts';

export { COMM_NULL, COMM_SELF, COMM_WORLD } from './api/communicators.ts';
export { Intracomm } from './api/intracomm.ts';
export { Intercomm } from './api/intercomm.ts';
export { Topocomm } from './api/neighbors.ts';
export { Cartcomm, Distgraphcomm, Graphcomm } from './api/topology.ts';
export { Compute_dims } from './api/dims.ts';
export { UNWEIGHTED, WEIGHTS_EMPTY, type Weights } from './api/graphs.ts';

export { Win, WIN_NULL, type WinOptions } from './api/win.ts';
export type { TargetSpec } from './api/win-transfers.ts';
export { File, FILE_NULL } from './api/file.ts';

export { Datatype, DATATYPE_NULL } from './api/datatype.ts';
export { Op, OP_NULL, type OpFunction, type Reducer } from './api/op.ts';
export * from './api/predefined.ts';

export type { CopyFunction, DeleteFunction, KeyvalOptions } from './api/attributes.ts';
export type { AddressedSendOptions, ReceiveOptions, SendOptions, SendrecvOptions } from './api/buffer-messages.ts';
export type { ObjectSendrecvOptions } from './api/object-messages.ts';
export { Comm, type SplitOptions, type SplitTypeOptions } from './api/comm.ts';
export { Errhandler, ERRHANDLER_NULL, ERRORS_ABORT, ERRORS_ARE_FATAL, ERRORS_RETURN, type ErrorFunction } from './api/errhandler.ts';
export {
	Add_error_class,
	Add_error_code,
	Add_error_string,
	Remove_error_class,
	Remove_error_code,
	Remove_error_string,
} from './api/error-classes.ts';
export { Exception } from './api/exception.ts';
export {
	Alloc_mem,
	Attach_buffer,
	Detach_buffer,
	Flush_buffer,
	Free_mem,
	get_vendor,
	Get_error_class,
	Get_error_string,
	Get_library_version,
	Get_processor_name,
	Get_version,
	Pcontrol,
	Wtick,
	Wtime,
} from './api/environment.ts';
export { Group, GROUP_EMPTY, GROUP_NULL, type Range } from './api/group.ts';
export { Info, INFO_ENV, INFO_NULL, type InfoItems } from './api/info.ts';
export { Finalize, Init, Init_thread, Is_finalized, Is_initialized, Is_thread_main, Query_thread } from './api/lifecycle.ts';
export { Message, MESSAGE_NO_PROC, MESSAGE_NULL } from './api/message.ts';
export { Prequest } from './api/persistent.ts';
export { Pickle, pickle, type Dumps, type Loads } from './api/pickle.ts';
export { Request, REQUEST_NULL, type StatusArgument } from './api/request.ts';
export { Status } from './api/status.ts';
