/**
 * MPI's integer constants as programs see them: MPICH's numbers, on every engine. So they exist before an engine is
 * chosen, all engines print the same (`PROC_NULL` is -1), and an engine that has other numbers translates what crosses
 * the seam: ranks and tags below zero, classes of errors, modes and flags.
 */

// Ranks and tags that are none
export const ANY_SOURCE = -2;
export const ANY_TAG = -1;
export const PROC_NULL = -1;
export const ROOT = -3;
export const UNDEFINED = -32766;

// Answers of Compare
export const IDENT = 0;
export const CONGRUENT = 1;
export const SIMILAR = 2;
export const UNEQUAL = 3;

// Topologies, kinds of communicators
export const GRAPH = 1;
export const CART = 2;
export const DIST_GRAPH = 3;
export const COMM_TYPE_SHARED = 1;
export const COMM_TYPE_HW_GUIDED = 2;
export const COMM_TYPE_HW_UNGUIDED = 3;
export const COMM_TYPE_RESOURCE_GUIDED = 5;

// Thread levels
export const THREAD_SINGLE = 0;
export const THREAD_FUNNELED = 1;
export const THREAD_SERIALIZED = 2;
export const THREAD_MULTIPLE = 3;

// Attributes
export const KEYVAL_INVALID = 603979776;
export const TAG_UB = 1681915905;
export const UNIVERSE_SIZE = 1681915913;
export const APPNUM = 1681915917;
export const HOST = 1681915907;
export const IO = 1681915909;
export const LASTUSEDCODE = 1681915915;
export const WTIME_IS_GLOBAL = 1681915911;
export const WIN_BASE = 1711276033;
export const WIN_SIZE = 1711276035;
export const WIN_DISP_UNIT = 1711276037;
export const WIN_CREATE_FLAVOR = 1711276039;
export const WIN_FLAVOR: typeof WIN_CREATE_FLAVOR = WIN_CREATE_FLAVOR;
export const WIN_MODEL = 1711276041;

// Windows
export const LOCK_EXCLUSIVE = 234;
export const LOCK_SHARED = 235;
export const MODE_NOCHECK = 1024;
export const MODE_NOSTORE = 2048;
export const MODE_NOPUT = 4096;
export const MODE_NOPRECEDE = 8192;
export const MODE_NOSUCCEED = 16384;
export const WIN_FLAVOR_CREATE = 1;
export const WIN_FLAVOR_ALLOCATE = 2;
export const WIN_FLAVOR_DYNAMIC = 3;
export const WIN_FLAVOR_SHARED = 4;
export const WIN_SEPARATE = 1;
export const WIN_UNIFIED = 2;

// Files
export const MODE_CREATE = 1;
export const MODE_RDONLY = 2;
export const MODE_WRONLY = 4;
export const MODE_RDWR = 8;
export const MODE_DELETE_ON_CLOSE = 16;
export const MODE_UNIQUE_OPEN = 32;
export const MODE_EXCL = 64;
export const MODE_APPEND = 128;
export const MODE_SEQUENTIAL = 256;
export const SEEK_SET = 600;
export const SEEK_CUR = 602;
export const SEEK_END = 604;
export const DISPLACEMENT_CURRENT = -54278278;
export const DISP_CUR: typeof DISPLACEMENT_CURRENT = DISPLACEMENT_CURRENT;

// Datatypes: order of arrays, distributions, how one was made
export const ORDER_C = 56;
export const ORDER_FORTRAN = 57;
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
/** The largest that an MPI asks for: that of the standard interface. */
export const BSEND_OVERHEAD = 512;
export const MAX_ERROR_STRING = 512;
export const MAX_PROCESSOR_NAME = 128;
export const MAX_LIBRARY_VERSION_STRING = 8192;
export const MAX_OBJECT_NAME = 128;
export const MAX_INFO_KEY = 255;
export const MAX_INFO_VAL = 1024;
export const MAX_PORT_NAME = 256;
export const MAX_DATAREP_STRING = 128;
export const MAX_PSET_NAME_LEN = 256;
export const MAX_STRINGTAG_LEN = 256;

// Classes of errors, as `Get_error_class()` of an exception gives them
export const SUCCESS = 0;
export const ERR_BUFFER = 1;
export const ERR_COUNT = 2;
export const ERR_TYPE = 3;
export const ERR_TAG = 4;
export const ERR_COMM = 5;
export const ERR_RANK = 6;
export const ERR_ROOT = 7;
export const ERR_GROUP = 8;
export const ERR_OP = 9;
export const ERR_TOPOLOGY = 10;
export const ERR_DIMS = 11;
export const ERR_ARG = 12;
export const ERR_UNKNOWN = 13;
export const ERR_TRUNCATE = 14;
export const ERR_OTHER = 15;
export const ERR_INTERN = 16;
export const ERR_IN_STATUS = 17;
export const ERR_PENDING = 18;
export const ERR_REQUEST = 19;
export const ERR_ACCESS = 20;
export const ERR_AMODE = 21;
export const ERR_BAD_FILE = 22;
export const ERR_CONVERSION = 23;
export const ERR_DUP_DATAREP = 24;
export const ERR_FILE_EXISTS = 25;
export const ERR_FILE_IN_USE = 26;
export const ERR_FILE = 27;
export const ERR_INFO = 28;
export const ERR_INFO_KEY = 29;
export const ERR_INFO_VALUE = 30;
export const ERR_INFO_NOKEY = 31;
export const ERR_IO = 32;
export const ERR_NAME = 33;
export const ERR_NO_MEM = 34;
export const ERR_NOT_SAME = 35;
export const ERR_NO_SPACE = 36;
export const ERR_NO_SUCH_FILE = 37;
export const ERR_PORT = 38;
export const ERR_QUOTA = 39;
export const ERR_READ_ONLY = 40;
export const ERR_SERVICE = 41;
export const ERR_SPAWN = 42;
export const ERR_UNSUPPORTED_DATAREP = 43;
export const ERR_UNSUPPORTED_OPERATION = 44;
export const ERR_WIN = 45;
export const ERR_BASE = 46;
export const ERR_LOCKTYPE = 47;
export const ERR_KEYVAL = 48;
export const ERR_RMA_CONFLICT = 49;
export const ERR_RMA_SYNC = 50;
export const ERR_SIZE = 51;
export const ERR_DISP = 52;
export const ERR_ASSERT = 53;
export const ERR_RMA_RANGE = 55;
export const ERR_RMA_ATTACH = 56;
export const ERR_RMA_SHARED = 57;
export const ERR_RMA_FLAVOR = 58;
export const ERR_SESSION = 75;
export const ERR_PROC_ABORTED = 76;
export const ERR_VALUE_TOO_LARGE = 77;
export const ERR_ERRHANDLER = 78;
export const ERR_ABI = 79;
export const ERR_PROC_FAILED = 101;
export const ERR_PROC_FAILED_PENDING = 102;
export const ERR_REVOKED = 103;
export const ERR_LASTCODE = 1073741823;
