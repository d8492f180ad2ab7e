/**
 * The bytes of an encoded value.
 *
 *   message  = VERSION flags value deferred* [buffers offsetOfBuffers:float64]
 *   value    = one byte that is a small integer, a short string, a short array or a tag; then what the tag asks for
 *   deferred = the contents of the containers that were nested too deeply to be written in place, in the order met
 *   buffers  = the ArrayBuffers that views and ArrayBuffers in the value refer to by number
 *
 * Every object gets a number, in the order in which the writer meets it; REF repeats an object by its number. Both
 * sides count alike, so no number is written at first sight. Multi-byte numbers are little-endian; a *varint* has 7
 * bits per byte, low bits first. A *text* is a string value.
 */

/** Raised whenever bytes of one version could be misread by another. */
export const VERSION = 1;

/** Set in `flags` when there is a table of buffers at the end. */
export const FLAG_BUFFERS = 1;

/** Containers deeper than this are deferred, so that nesting costs memory and not stack. */
export const MAX_INLINE_DEPTH = 200;

/**
 * 0x00 … 0x7f: an integer. 0x80 + n: a string of n < 32 Latin-1 characters. 0xa0 + n: an array of n < 16 items without
 * holes.
 */
export const SHORT_STRING = 0x80;
export const SHORT_ARRAY = 0xa0;
export const FIRST_TAG = 0xb0;

export const NULL = 0xb0;
export const UNDEFINED = 0xb1;
export const TRUE = 0xb2;
export const FALSE = 0xb3;
/** 1, 2 and 4 bytes, signed. */
export const INT8 = 0xb4;
export const INT16 = 0xb5;
export const INT32 = 0xb6;
/** 8 bytes. */
export const FLOAT64 = 0xb7;
/** 8 bytes, signed. */
export const BIGINT64 = 0xb8;
/** A text: an optional minus and hexadecimal digits. */
export const BIGINT_HEX = 0xb9;
/** varint length in characters; one byte each. */
export const LATIN1 = 0xba;
/** varint length in UTF-16 units; two bytes each, so that lone surrogates survive. */
export const UTF16 = 0xbb;
/** varint number of an object met before. */
export const REF = 0xbc;
/** varint count; values. */
export const ARRAY = 0xbd;
/** In the place of an item: the rest of this array is varint count; (varint index, value)*. */
export const HOLES = 0xbe;
/**
 * varint length; varint count; (varint index, value)*; varint count; (text, value)*: an array with holes or named
 * properties.
 */
export const SPARSE_ARRAY = 0xbf;
export const EMPTY_OBJECT = 0xc0;
/**
 * A *shape*: key count byte; varint size of the keys in bytes; keys as (length byte, Latin-1)*. Then a value for each
 * key.
 */
export const OBJECT = 0xc1;
/** varint number of a shape that this message has shown before. Then a value for each key. */
export const OBJECT_OF_SHAPE = 0xc2;
/** varint count; (text, value)*: an object with many or unusual keys. */
export const DICTIONARY = 0xc3;
/** An object value follows, whose prototype is null. */
export const NULL_PROTOTYPE = 0xc4;
/** A byte, one of the tags ARRAY, EMPTY_OBJECT, NULL_PROTOTYPE, MAP and SET: an empty one; the content is deferred. */
export const DEFERRED = 0xc5;
/** uint32 count; (key, value)*. */
export const MAP = 0xc6;
/** uint32 count; value*. */
export const SET = 0xc7;
/** float64 time. */
export const DATE = 0xc8;
/** text source; text flags. */
export const REGEXP = 0xc9;
/** The primitive. */
export const BOXED = 0xca;
/** varint number in the table of buffers. */
export const ARRAY_BUFFER = 0xcb;
/** kind byte (viewKinds; TRACKS_LENGTH); varint buffer; varint byteOffset; varint length in elements. */
export const VIEW = 0xcc;
/** text class; varint count; (flag byte, text key, value)*. */
export const ERROR = 0xcd;
/** text name, text message, text stack; varint count; (flag byte, text key, value)*: a DOMException. */
export const DOM_EXCEPTION = 0xce;
/** text name; value: an instance of a registered class. */
export const INSTANCE = 0xcf;
/** text kind; value data; value segments: a shared object. */
export const HANDLE = 0xd0;
/** The deferred contents so far; then the value. */
export const FLUSH = 0xd3;
/** text href. */
export const URL_VALUE = 0xd1;
/** text. */
export const URL_SEARCH_PARAMS = 0xd2;

/** In the order of their numbers in the bytes: only ever add at the end. */
export const viewKinds = [
	'DataView',
	'Buffer',
	'Int8Array',
	'Uint8Array',
	'Uint8ClampedArray',
	'Int16Array',
	'Uint16Array',
	'Int32Array',
	'Uint32Array',
	'Float32Array',
	'Float64Array',
	'BigInt64Array',
	'BigUint64Array',
	'Float16Array',
] as const;

/** Added to a view's kind when its length follows that of its resizable buffer. */
export const TRACKS_LENGTH = 0x80;

/**
 * Flags of an entry in the table of buffers: flag byte; varint first byte; varint size; varint maximal size if
 * resizable; the bytes unless out-of-band.
 */
export const BUFFER_OUT_OF_BAND = 1;
export const BUFFER_RESIZABLE = 2;

/** A shape is worth remembering when it has at most so many keys, and its keys so many bytes. */
export const MAX_SHAPE_KEYS = 64;
export const MAX_SHAPE_BYTES = 1024;
