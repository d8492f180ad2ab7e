/**
 * The numbers that the addon for an installed MPI knows, too.
 *
 * Made of native/mpi/shared.def by scripts/shared-numbers.mjs.
 */
/** Where in `Engine.status` the source stands. */
export const STATUS_SOURCE = 0;
export const STATUS_TAG = 1;
/** The class of the operation's error; 0 without one. */
export const STATUS_ERROR = 2;
export const STATUS_CANCELLED = 3;
/** How many bytes were received, as two halves of 32 bits. */
export const STATUS_BYTES_LOW = 4;
export const STATUS_BYTES_HIGH = 5;
export const STATUS_WORDS = 6;
/** The registers of a call whose numbers are written before it. */
export const IN_COUNT = 0;
export const IN_TYPE = 1;
/** Destination or source. */
export const IN_RANK = 2;
export const IN_TAG = 3;
export const IN_COMM = 4;
/** SEND_* */
export const IN_MODE = 5;
/** The address of the buffer that was sent from, or received into, last. */
export const IN_SENT_ADDRESS = 6;
export const IN_RECEIVED_ADDRESS = 7;
/** How many registers of each kind there are. */
export const REGISTER_WORDS = 16;
/** How a message is sent: MPI's four modes. */
export const SEND_STANDARD = 0;
export const SEND_SYNCHRONOUS = 1;
export const SEND_BUFFERED = 2;
export const SEND_READY = 3;
/** That of MPI_BYTE. */
export const BYTE_HANDLE = 1;
/** Handles below are predefined ones. */
export const FIRST_OWN_HANDLE = 1024;
