/**
 * The names of mpi4py 4.1's module `MPI`: of each class, and of the module itself (constants, functions, classes), as
 * its type declarations list them.
 */
export const mpi4pyNames: Readonly<Record<string, string>> = {
	Datatype: `
		fromhandle free Get_size Get_extent Dup Create_contiguous Create_vector Create_hvector Create_indexed Create_hindexed Create_indexed_block
		Create_hindexed_block Create_struct Create_subarray Create_darray Get_value_index Create_f90_integer Create_f90_real Create_f90_complex Match_size
		Commit Free Create_resized Get_true_extent Get_envelope Get_contents decode Pack Unpack Pack_size Pack_external Unpack_external Pack_external_size
		Get_attr Set_attr Delete_attr Create_keyval Free_keyval Get_name Set_name toint fromint py2f f2py tocode fromcode handle size extent lb ub true_extent
		true_lb true_ub envelope contents combiner is_named is_predefined name typestr typechar Create_dup Resized
	`,
	Status: `
		Get_source Set_source Get_tag Set_tag Get_error Set_error Get_count Get_elements Set_elements Is_cancelled Set_cancelled tomemory py2f f2py source tag
		error count cancelled
	`,
	Request: `
		fromhandle free Wait Test Get_status Waitany Testany Get_status_any Waitall Testall Get_status_all Waitsome Testsome Get_status_some Cancel Free toint
		fromint py2f f2py wait test get_status waitany testany get_status_any waitall testall get_status_all waitsome testsome get_status_some cancel handle
	`,
	Prequest: `
		Start Startall Pready Pready_range Pready_list Parrived
	`,
	Grequest: `
		Start Complete complete
	`,
	Message: `
		fromhandle free Probe Iprobe Recv Irecv probe iprobe recv irecv toint fromint py2f f2py handle
	`,
	Op: `
		fromhandle free Create Free Is_commutative Reduce_local toint fromint py2f f2py handle is_commutative is_predefined
	`,
	Group: `
		fromhandle free Get_size Get_rank Translate_ranks Compare Dup Union Intersection Difference Incl Excl Range_incl Range_excl Create_from_session_pset
		Free toint fromint py2f f2py handle size rank Intersect
	`,
	Info: `
		fromhandle free Create Create_env Free Dup Get Set Delete Get_nkeys Get_nthkey toint fromint py2f f2py get keys values items update pop popitem copy
		clear handle
	`,
	Errhandler: `
		fromhandle free Free toint fromint py2f f2py handle
	`,
	Session: `
		fromhandle free Init Finalize Get_num_psets Get_nth_pset Get_info Get_pset_info Create_group Attach_buffer Detach_buffer Flush_buffer Iflush_buffer
		Create_errhandler Get_errhandler Set_errhandler Call_errhandler toint fromint py2f f2py handle
	`,
	Comm: `
		fromhandle free Get_group Get_size Get_rank Compare Clone Dup Dup_with_info Idup Idup_with_info Create Split Split_type Free Revoke Is_revoked
		Get_failed Ack_failed Agree Iagree Shrink Ishrink Set_info Get_info Attach_buffer Detach_buffer Flush_buffer Iflush_buffer Send Recv Sendrecv
		Sendrecv_replace Isend Irecv Isendrecv Isendrecv_replace Probe Iprobe Mprobe Improbe Send_init Recv_init Psend_init Precv_init Bsend Ssend Rsend
		Ibsend Issend Irsend Bsend_init Ssend_init Rsend_init Barrier Bcast Gather Gatherv Scatter Scatterv Allgather Allgatherv Alltoall Alltoallv Alltoallw
		Reduce Allreduce Reduce_scatter_block Reduce_scatter Ibarrier Ibcast Igather Igatherv Iscatter Iscatterv Iallgather Iallgatherv Ialltoall Ialltoallv
		Ialltoallw Ireduce Iallreduce Ireduce_scatter_block Ireduce_scatter Barrier_init Bcast_init Gather_init Gatherv_init Scatter_init Scatterv_init
		Allgather_init Allgatherv_init Alltoall_init Alltoallv_init Alltoallw_init Reduce_init Allreduce_init Reduce_scatter_block_init Reduce_scatter_init
		Is_inter Is_intra Get_topology Get_parent Disconnect Join Get_attr Set_attr Delete_attr Create_keyval Free_keyval Create_errhandler Get_errhandler
		Set_errhandler Call_errhandler Abort Get_name Set_name toint fromint py2f f2py send bsend ssend recv sendrecv isend ibsend issend irecv probe iprobe
		mprobe improbe barrier bcast gather scatter allgather alltoall reduce allreduce handle group size rank info is_inter is_intra topology is_topo name
	`,
	Intracomm: `
		Create_group Create_from_group Create_cart Create_graph Create_dist_graph_adjacent Create_dist_graph Create_intercomm Cart_map Graph_map Scan Exscan
		Iscan Iexscan Scan_init Exscan_init scan exscan Spawn Spawn_multiple Accept Connect
	`,
	Topocomm: `
		Neighbor_allgather Neighbor_allgatherv Neighbor_alltoall Neighbor_alltoallv Neighbor_alltoallw Ineighbor_allgather Ineighbor_allgatherv
		Ineighbor_alltoall Ineighbor_alltoallv Ineighbor_alltoallw Neighbor_allgather_init Neighbor_allgatherv_init Neighbor_alltoall_init
		Neighbor_alltoallv_init Neighbor_alltoallw_init neighbor_allgather neighbor_alltoall degrees indegree outdegree inoutedges inedges outedges
	`,
	Cartcomm: `
		Get_dim Get_topo Get_cart_rank Get_coords Shift Sub dim ndim topo dims periods coords
	`,
	Graphcomm: `
		Get_dims Get_topo Get_neighbors_count Get_neighbors dims nnodes nedges topo index edges nneighbors neighbors
	`,
	Distgraphcomm: `
		Get_dist_neighbors_count Get_dist_neighbors
	`,
	Intercomm: `
		Create_from_groups Get_remote_group Get_remote_size Merge remote_group remote_size
	`,
	Win: `
		fromhandle free Create Allocate Allocate_shared Shared_query Create_dynamic Attach Detach Free Set_info Get_info Get_group Get_attr Set_attr
		Delete_attr Create_keyval Free_keyval tomemory Put Get Accumulate Get_accumulate Fetch_and_op Compare_and_swap Rput Rget Raccumulate Rget_accumulate
		Fence Start Complete Post Wait Test Lock Unlock Lock_all Unlock_all Flush Flush_all Flush_local Flush_local_all Sync Create_errhandler Get_errhandler
		Set_errhandler Call_errhandler Get_name Set_name toint fromint py2f f2py handle info group group_size group_rank attrs flavor model name
	`,
	File: `
		fromhandle free Open Close Delete Set_size Preallocate Get_size Get_amode Get_group Set_info Get_info Set_view Get_view Read_at Read_at_all Write_at
		Write_at_all Iread_at Iread_at_all Iwrite_at Iwrite_at_all Read Read_all Write Write_all Iread Iread_all Iwrite Iwrite_all Seek Get_position
		Get_byte_offset Read_shared Write_shared Iread_shared Iwrite_shared Read_ordered Write_ordered Seek_shared Get_position_shared Read_at_all_begin
		Read_at_all_end Write_at_all_begin Write_at_all_end Read_all_begin Read_all_end Write_all_begin Write_all_end Read_ordered_begin Read_ordered_end
		Write_ordered_begin Write_ordered_end Get_type_extent Set_atomicity Get_atomicity Sync Create_errhandler Get_errhandler Set_errhandler Call_errhandler
		toint fromint py2f f2py handle size amode group group_size group_rank info atomicity
	`,
	buffer: `
		allocate frombuffer fromaddress cast tobytes toreadonly release address obj nbytes readonly format itemsize
	`,
	Pickle: `
		dumps loads dumps_oob loads_oob PROTOCOL THRESHOLD
	`,
	Exception: `
		Get_error_code Get_error_class Get_error_string error_code error_class error_string
	`,
	module: `
		Datatype Status Request Prequest Grequest Message Op Group Info Errhandler Session Comm Intracomm Topocomm Cartcomm Graphcomm Distgraphcomm Intercomm
		Win File buffer BottomType InPlaceType BufferAutomaticType Pickle Exception UNDEFINED ANY_SOURCE ANY_TAG PROC_NULL ROOT KEYVAL_INVALID TAG_UB IO
		WTIME_IS_GLOBAL UNIVERSE_SIZE APPNUM LASTUSEDCODE WIN_BASE WIN_SIZE WIN_DISP_UNIT WIN_CREATE_FLAVOR WIN_FLAVOR WIN_MODEL SUCCESS ERR_LASTCODE ERR_ABI
		ERR_TYPE ERR_REQUEST ERR_OP ERR_GROUP ERR_INFO ERR_ERRHANDLER ERR_SESSION ERR_COMM ERR_WIN ERR_FILE ERR_BUFFER ERR_COUNT ERR_TAG ERR_RANK ERR_ROOT
		ERR_TRUNCATE ERR_IN_STATUS ERR_PENDING ERR_TOPOLOGY ERR_DIMS ERR_ARG ERR_OTHER ERR_UNKNOWN ERR_INTERN ERR_KEYVAL ERR_NO_MEM ERR_INFO_KEY
		ERR_INFO_VALUE ERR_INFO_NOKEY ERR_SPAWN ERR_PORT ERR_SERVICE ERR_NAME ERR_PROC_ABORTED ERR_BASE ERR_SIZE ERR_DISP ERR_ASSERT ERR_LOCKTYPE
		ERR_RMA_CONFLICT ERR_RMA_SYNC ERR_RMA_RANGE ERR_RMA_ATTACH ERR_RMA_SHARED ERR_RMA_FLAVOR ERR_BAD_FILE ERR_NO_SUCH_FILE ERR_FILE_EXISTS ERR_FILE_IN_USE
		ERR_AMODE ERR_ACCESS ERR_READ_ONLY ERR_NO_SPACE ERR_QUOTA ERR_NOT_SAME ERR_IO ERR_UNSUPPORTED_OPERATION ERR_UNSUPPORTED_DATAREP ERR_CONVERSION
		ERR_DUP_DATAREP ERR_VALUE_TOO_LARGE ERR_REVOKED ERR_PROC_FAILED ERR_PROC_FAILED_PENDING ORDER_C ORDER_FORTRAN ORDER_F TYPECLASS_LOGICAL
		TYPECLASS_INTEGER TYPECLASS_REAL TYPECLASS_COMPLEX DISTRIBUTE_NONE DISTRIBUTE_BLOCK DISTRIBUTE_CYCLIC DISTRIBUTE_DFLT_DARG COMBINER_NAMED COMBINER_DUP
		COMBINER_CONTIGUOUS COMBINER_VECTOR COMBINER_HVECTOR COMBINER_INDEXED COMBINER_HINDEXED COMBINER_INDEXED_BLOCK COMBINER_HINDEXED_BLOCK COMBINER_STRUCT
		COMBINER_SUBARRAY COMBINER_DARRAY COMBINER_RESIZED COMBINER_VALUE_INDEX COMBINER_F90_INTEGER COMBINER_F90_REAL COMBINER_F90_COMPLEX F_SOURCE F_TAG
		F_ERROR F_STATUS_SIZE IDENT CONGRUENT SIMILAR UNEQUAL CART GRAPH DIST_GRAPH UNWEIGHTED WEIGHTS_EMPTY COMM_TYPE_SHARED COMM_TYPE_HW_GUIDED
		COMM_TYPE_HW_UNGUIDED COMM_TYPE_RESOURCE_GUIDED BSEND_OVERHEAD WIN_FLAVOR_CREATE WIN_FLAVOR_ALLOCATE WIN_FLAVOR_DYNAMIC WIN_FLAVOR_SHARED WIN_SEPARATE
		WIN_UNIFIED MODE_NOCHECK MODE_NOSTORE MODE_NOPUT MODE_NOPRECEDE MODE_NOSUCCEED LOCK_EXCLUSIVE LOCK_SHARED MODE_RDONLY MODE_WRONLY MODE_RDWR
		MODE_CREATE MODE_EXCL MODE_DELETE_ON_CLOSE MODE_UNIQUE_OPEN MODE_SEQUENTIAL MODE_APPEND SEEK_SET SEEK_CUR SEEK_END DISPLACEMENT_CURRENT DISP_CUR
		THREAD_SINGLE THREAD_FUNNELED THREAD_SERIALIZED THREAD_MULTIPLE VERSION SUBVERSION MAX_PROCESSOR_NAME MAX_ERROR_STRING MAX_PORT_NAME MAX_INFO_KEY
		MAX_INFO_VAL MAX_OBJECT_NAME MAX_DATAREP_STRING MAX_LIBRARY_VERSION_STRING MAX_PSET_NAME_LEN MAX_STRINGTAG_LEN DATATYPE_NULL PACKED BYTE AINT OFFSET
		COUNT CHAR WCHAR SIGNED_CHAR SHORT INT LONG LONG_LONG UNSIGNED_CHAR UNSIGNED_SHORT UNSIGNED UNSIGNED_LONG UNSIGNED_LONG_LONG FLOAT DOUBLE LONG_DOUBLE
		C_BOOL INT8_T INT16_T INT32_T INT64_T UINT8_T UINT16_T UINT32_T UINT64_T FLOAT16_T FLOAT32_T FLOAT64_T BFLOAT16_T C_COMPLEX C_FLOAT_COMPLEX
		C_DOUBLE_COMPLEX C_LONG_DOUBLE_COMPLEX CXX_BOOL CXX_FLOAT_COMPLEX CXX_DOUBLE_COMPLEX CXX_LONG_DOUBLE_COMPLEX SHORT_INT INT_INT TWOINT LONG_INT
		FLOAT_INT DOUBLE_INT LONG_DOUBLE_INT CHARACTER LOGICAL INTEGER REAL DOUBLE_PRECISION COMPLEX DOUBLE_COMPLEX LOGICAL1 LOGICAL2 LOGICAL4 LOGICAL8
		LOGICAL16 INTEGER1 INTEGER2 INTEGER4 INTEGER8 INTEGER16 REAL2 REAL4 REAL8 REAL16 COMPLEX4 COMPLEX8 COMPLEX16 COMPLEX32 UNSIGNED_INT SIGNED_SHORT
		SIGNED_INT SIGNED_LONG SIGNED_LONG_LONG BOOL SINT8_T SINT16_T SINT32_T SINT64_T F_BOOL F_INT F_FLOAT F_DOUBLE F_COMPLEX F_FLOAT_COMPLEX
		F_DOUBLE_COMPLEX REQUEST_NULL MESSAGE_NULL MESSAGE_NO_PROC OP_NULL MAX MIN SUM PROD LAND BAND LOR BOR LXOR BXOR MAXLOC MINLOC REPLACE NO_OP GROUP_NULL
		GROUP_EMPTY INFO_NULL INFO_ENV ERRHANDLER_NULL ERRORS_RETURN ERRORS_ABORT ERRORS_ARE_FATAL SESSION_NULL COMM_NULL COMM_SELF COMM_WORLD WIN_NULL
		FILE_NULL memory BOTTOM IN_PLACE BUFFER_AUTOMATIC pickle Get_error_class Get_error_string Add_error_class Remove_error_class Add_error_code
		Remove_error_code Add_error_string Remove_error_string Get_address Aint_add Aint_diff Compute_dims Attach_buffer Detach_buffer Flush_buffer
		Iflush_buffer Open_port Close_port Publish_name Unpublish_name Lookup_name Register_datarep Alloc_mem Free_mem Init Finalize Init_thread Query_thread
		Is_thread_main Is_initialized Is_finalized Get_version Get_library_version Get_abi_version Get_abi_info Get_abi_fortran_info Get_processor_name
		Get_hw_resource_info Wtime Wtick Pcontrol get_vendor
	`,
};
