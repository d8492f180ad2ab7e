/**
 * MPI's integer constants as programs see them: MPICH's numbers, on every engine. So they exist before an engine is
 * chosen, all engines print the same (`PROC_NULL` is -1), and an engine that has other numbers translates what crosses
 * the seam: ranks and tags below zero, classes of errors, modes and flags. Those that are translated are in
 * translated-constants.ts; here are the others.
 */
import { DISPLACEMENT_CURRENT, ORDER_FORTRAN } from './translated-constants.ts';

export * from './translated-constants.ts';

// Answers of Compare
export const IDENT = 0;
export const CONGRUENT = 1;
export const SIMILAR = 2;
export const UNEQUAL = 3;

// Topologies, kinds of communicators
export const GRAPH = 1;
export const CART = 2;
export const DIST_GRAPH = 3;
export const COMM_TYPE_HW_GUIDED = 2;
export const COMM_TYPE_HW_UNGUIDED = 3;
export const COMM_TYPE_RESOURCE_GUIDED = 5;

// Attributes
export const KEYVAL_INVALID = 603979776;
export const HOST = 1681915907;
export const IO = 1681915909;
export const LASTUSEDCODE = 1681915915;
export const WIN_BASE = 1711276033;
export const WIN_SIZE = 1711276035;
export const WIN_DISP_UNIT = 1711276037;
export const WIN_CREATE_FLAVOR = 1711276039;
export const WIN_FLAVOR: typeof WIN_CREATE_FLAVOR = WIN_CREATE_FLAVOR;
export const WIN_MODEL = 1711276041;

// Windows
export const WIN_FLAVOR_CREATE = 1;
export const WIN_FLAVOR_ALLOCATE = 2;
export const WIN_FLAVOR_DYNAMIC = 3;
export const WIN_FLAVOR_SHARED = 4;
export const WIN_SEPARATE = 1;
export const WIN_UNIFIED = 2;

// Files
export const DISP_CUR: typeof DISPLACEMENT_CURRENT = DISPLACEMENT_CURRENT;

// Datatypes: order of arrays, distributions, how one was made
export const ORDER_F: typeof ORDER_FORTRAN = ORDER_FORTRAN;
export const DISTRIBUTE_BLOCK = 121;
export const DISTRIBUTE_CYCLIC = 122;
export const DISTRIBUTE_NONE = 123;
export const DISTRIBUTE_DFLT_DARG = -49767;
export const COMBINER_NAMED = 1;
export const COMBINER_DUP = 2;
export const COMBINER_CONTIGUOUS = 3;
export const COMBINER_VECTOR = 4;
export const COMBINER_HVECTOR = 6;
export const COMBINER_INDEXED = 7;
export const COMBINER_HINDEXED = 9;
export const COMBINER_INDEXED_BLOCK = 10;
export const COMBINER_STRUCT = 12;
export const COMBINER_SUBARRAY = 13;
export const COMBINER_DARRAY = 14;
export const COMBINER_F90_REAL = 15;
export const COMBINER_F90_COMPLEX = 16;
export const COMBINER_F90_INTEGER = 17;
export const COMBINER_RESIZED = 18;
export const COMBINER_HINDEXED_BLOCK = 19;
export const COMBINER_VALUE_INDEX = 20;
export const TYPECLASS_REAL = 1;
export const TYPECLASS_INTEGER = 2;
export const TYPECLASS_COMPLEX = 3;
export const TYPECLASS_LOGICAL = 4;

// The standard whose interface this is
export const VERSION = 4;
export const SUBVERSION = 1;

// Sizes
export const MAX_OBJECT_NAME = 128;
export const MAX_INFO_KEY = 255;
export const MAX_INFO_VAL = 1024;
export const MAX_PORT_NAME = 256;
export const MAX_DATAREP_STRING = 128;
export const MAX_PSET_NAME_LEN = 256;
export const MAX_STRINGTAG_LEN = 256;

// Classes of errors, as `Get_error_class()` of an exception gives them
export const SUCCESS = 0;
export const ERR_SESSION = 75;
export const ERR_PROC_ABORTED = 76;
export const ERR_VALUE_TOO_LARGE = 77;
export const ERR_ERRHANDLER = 78;
export const ERR_ABI = 79;
export const ERR_PROC_FAILED = 101;
export const ERR_PROC_FAILED_PENDING = 102;
export const ERR_REVOKED = 103;
export const ERR_LASTCODE = 1073741823;
