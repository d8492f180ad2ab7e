/** All that the object `MPI` has. */
export * from './constants.ts';

export { BOTTOM, IN_PLACE, type Bottom, type BufferData, type InPlace } from './api/buffers/buffer-data.ts';
export type { BufSpec, Counts, MaybeBufSpec, TypeSpec } from './api/buffers/buffer-spec.ts';
export type { BufSpecV, BufSpecW } from './api/buffers/vector-spec.ts';

export { COMM_NULL, COMM_SELF, COMM_WORLD } from './api/communicators/communicators.ts';
export { Intracomm } from './api/communicators/intracomm.ts';
export { Intercomm } from './api/communicators/intercomm.ts';
export { Topocomm } from './api/collectives/neighbors.ts';
export { Cartcomm, Distgraphcomm, Graphcomm } from './api/communicators/topology.ts';
export { Session, SESSION_NULL, type SessionOptions } from './api/communicators/session.ts';
export type { FromGroupOptions } from './api/communicators/from-groups.ts';
export { Compute_dims } from './api/communicators/dims.ts';
export { UNWEIGHTED, WEIGHTS_EMPTY, type Weights } from './api/communicators/graphs.ts';

export { Win, WIN_NULL, type WinOptions } from './api/windows/win.ts';
export type { TargetSpec } from './api/windows/win-transfers.ts';
export { File, FILE_NULL } from './api/files/file.ts';

export { Datatype, DATATYPE_NULL } from './api/datatypes/datatype.ts';
export { Op, OP_NULL, type OpFunction, type Reducer } from './api/ops/op.ts';
export * from './api/datatypes/predefined.ts';

export type { CopyFunction, DeleteFunction, KeyvalOptions } from './api/environment/attributes.ts';
export type { AddressedSendOptions, ReceiveOptions, SendOptions, SendrecvOptions } from './api/messages/message-arguments.ts';
export type { ObjectSendrecvOptions } from './api/messages/object-messages.ts';
export { Comm, type SplitOptions, type SplitTypeOptions } from './api/communicators/comm.ts';
export { Errhandler, ERRHANDLER_NULL, ERRORS_ABORT, ERRORS_ARE_FATAL, ERRORS_RETURN, type ErrorFunction } from './api/errors/errhandler.ts';
export {
	Add_error_class,
	Add_error_code,
	Add_error_string,
	Remove_error_class,
	Remove_error_code,
	Remove_error_string,
} from './api/errors/error-classes.ts';
export { Exception } from './api/errors/exception.ts';
export {
	Alloc_mem,
	Free_mem,
	get_vendor,
	Get_abi_fortran_info,
	Get_abi_info,
	Get_abi_version,
	Get_hw_resource_info,
	Get_error_class,
	Get_error_string,
	Get_library_version,
	Get_processor_name,
	Get_version,
	Pcontrol,
	Wtick,
	Wtime,
} from './api/environment/environment.ts';
export { Aint_add, Aint_diff, Get_address } from './api/environment/addresses.ts';
export { Group, GROUP_EMPTY, GROUP_NULL, type Range } from './api/communicators/group.ts';
export { Info, INFO_ENV, INFO_NULL, type InfoItems } from './api/environment/info.ts';
export { Finalize, Init, Init_thread, Is_finalized, Is_initialized, Is_thread_main, Query_thread } from './api/environment/lifecycle.ts';
export { Attach_buffer, Detach_buffer, Flush_buffer, Iflush_buffer } from './api/messages/process-buffer.ts';
export { BUFFER_AUTOMATIC, type AttachedBuffer } from './api/messages/buffered-sends.ts';
export { Message, MESSAGE_NO_PROC, MESSAGE_NULL } from './api/messages/message.ts';
export { Close_port, Lookup_name, Open_port, Publish_name, Register_datarep, Unpublish_name } from './api/environment/ports.ts';
export { Grequest, type GrequestOptions } from './api/requests/generalized.ts';
export { Prequest } from './api/requests/persistent.ts';
export { Pickle, pickle, type Dumps, type Loads } from './api/messages/pickle.ts';
export { Request, REQUEST_NULL, type StatusArgument } from './api/requests/request.ts';
export { Status } from './api/requests/status.ts';
