/** How the status of an operation crosses the seam: words of `Engine.status`. */

/** Where what in `Engine.status` stands. */
export const STATUS_SOURCE = 0;
export const STATUS_TAG = 1;
/** The class of the operation's error; 0 without one. */
export const STATUS_ERROR = 2;
export const STATUS_CANCELLED = 3;
/** How many bytes were received, as two halves of 32 bits, low first. */
export const STATUS_BYTES_LOW = 4;
export const STATUS_BYTES_HIGH = 5;
export const STATUS_WORDS = 6;
