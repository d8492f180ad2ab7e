/**
 * The numbers under which the predefined objects of MPI cross the seam (engine.ts), the same on every engine: 0 is each
 * kind's null handle, 1 to 1023 are the predefined objects named here, and what is larger (or negative: MPICH's are) is
 * an engine's own handle, made at run time. So predefined objects exist before any engine does, and an engine that has
 * other numbers translates with one comparison.
 */
import { BYTE_HANDLE } from './engine/shared-numbers.ts';

export const NULL_HANDLE = 0;

export const COMM_WORLD_HANDLE = 1;
export const COMM_SELF_HANDLE = 2;

/** The error handler that gives codes. */
export const ERRORS_RETURN_HANDLE = 1;

/** A message that a probe of PROC_NULL "found": receiving it completes at once, with nothing. */
export const MESSAGE_NO_PROC_HANDLE = 1;

/**
 * What an element of a predefined datatype is, for those who compute with it: signed and unsigned integers, floats,
 * truth values, complex numbers (two floats), bytes without meaning, and pairs of a value and an index.
 */
export type ElementKind = 'int' | 'uint' | 'float' | 'bool' | 'complex' | 'byte' | 'char' | 'pair';

export interface PredefinedDatatype {
	/** Without `MPI_`, as mpi4py names it. */
	readonly name: string;
	/** With it, as `Get_name()` gives it. */
	readonly mpiName: string;
	readonly handle: number;
	/** In bytes; of what is transferred. */
	readonly size: number;
	/** In bytes; from one element to the next. Differs from the size in pairs with padding. */
	readonly extent: number;
	readonly kind: ElementKind;
	/** Of a pair: the kind and size of its value; its index is an int of 4 bytes. */
	readonly value?: { readonly kind: 'int' | 'float'; readonly size: number };
}

type Row = readonly [
	handle: number,
	name: string,
	mpiName: string,
	size: number,
	kind: ElementKind,
	extent?: number,
	value?: PredefinedDatatype['value'],
];

/** Sizes are those of x86-64 and arm64 Linux (LP64). Names that are aliases in mpi4py stand in `datatypeAliases`. */
const rows: readonly Row[] = [
	[BYTE_HANDLE, 'BYTE', 'MPI_BYTE', 1, 'byte'],
	[2, 'PACKED', 'MPI_PACKED', 1, 'byte'],
	[3, 'CHAR', 'MPI_CHAR', 1, 'char'],
	[4, 'SIGNED_CHAR', 'MPI_SIGNED_CHAR', 1, 'int'],
	[5, 'UNSIGNED_CHAR', 'MPI_UNSIGNED_CHAR', 1, 'uint'],
	[6, 'WCHAR', 'MPI_WCHAR', 4, 'char'],
	[7, 'SHORT', 'MPI_SHORT', 2, 'int'],
	[8, 'UNSIGNED_SHORT', 'MPI_UNSIGNED_SHORT', 2, 'uint'],
	[9, 'INT', 'MPI_INT', 4, 'int'],
	[10, 'UNSIGNED', 'MPI_UNSIGNED', 4, 'uint'],
	[11, 'LONG', 'MPI_LONG', 8, 'int'],
	[12, 'UNSIGNED_LONG', 'MPI_UNSIGNED_LONG', 8, 'uint'],
	[13, 'LONG_LONG', 'MPI_LONG_LONG_INT', 8, 'int'],
	[14, 'UNSIGNED_LONG_LONG', 'MPI_UNSIGNED_LONG_LONG', 8, 'uint'],
	[15, 'FLOAT', 'MPI_FLOAT', 4, 'float'],
	[16, 'DOUBLE', 'MPI_DOUBLE', 8, 'float'],
	[17, 'C_BOOL', 'MPI_C_BOOL', 1, 'bool'],
	[18, 'INT8_T', 'MPI_INT8_T', 1, 'int'],
	[19, 'INT16_T', 'MPI_INT16_T', 2, 'int'],
	[20, 'INT32_T', 'MPI_INT32_T', 4, 'int'],
	[21, 'INT64_T', 'MPI_INT64_T', 8, 'int'],
	[22, 'UINT8_T', 'MPI_UINT8_T', 1, 'uint'],
	[23, 'UINT16_T', 'MPI_UINT16_T', 2, 'uint'],
	[24, 'UINT32_T', 'MPI_UINT32_T', 4, 'uint'],
	[25, 'UINT64_T', 'MPI_UINT64_T', 8, 'uint'],
	[26, 'C_FLOAT_COMPLEX', 'MPI_C_FLOAT_COMPLEX', 8, 'complex'],
	[27, 'C_DOUBLE_COMPLEX', 'MPI_C_DOUBLE_COMPLEX', 16, 'complex'],
	[28, 'AINT', 'MPI_AINT', 8, 'int'],
	[29, 'OFFSET', 'MPI_OFFSET', 8, 'int'],
	[30, 'COUNT', 'MPI_COUNT', 8, 'int'],
	[31, 'SHORT_INT', 'MPI_SHORT_INT', 6, 'pair', 8, { kind: 'int', size: 2 }],
	[32, 'INT_INT', 'MPI_2INT', 8, 'pair', 8, { kind: 'int', size: 4 }],
	[33, 'LONG_INT', 'MPI_LONG_INT', 12, 'pair', 16, { kind: 'int', size: 8 }],
	[34, 'FLOAT_INT', 'MPI_FLOAT_INT', 8, 'pair', 8, { kind: 'float', size: 4 }],
	[35, 'DOUBLE_INT', 'MPI_DOUBLE_INT', 12, 'pair', 16, { kind: 'float', size: 8 }],
];

export const predefinedDatatypes: readonly PredefinedDatatype[] = rows.map(([handle, name, mpiName, size, kind, extent = size, value]) => {
	return value === undefined ? { handle, name, mpiName, size, extent, kind } : { handle, name, mpiName, size, extent, kind, value };
});

/** The handle of a predefined datatype. */
export function predefinedHandle(name: string): number {
	return predefinedDatatypes.find((datatype) => datatype.name === name)!.handle;
}

/** mpi4py's other names for them. */
export const datatypeAliases: Readonly<Record<string, string>> = {
	TWOINT: 'INT_INT',
	UNSIGNED_INT: 'UNSIGNED',
	LONG_LONG_INT: 'LONG_LONG',
	BOOL: 'C_BOOL',
	SINT8_T: 'INT8_T',
	SINT16_T: 'INT16_T',
	SINT32_T: 'INT32_T',
	SINT64_T: 'INT64_T',
	C_COMPLEX: 'C_FLOAT_COMPLEX',
	SIGNED_SHORT: 'SHORT',
	SIGNED_INT: 'INT',
	SIGNED_LONG: 'LONG',
	SIGNED_LONG_LONG: 'LONG_LONG',
	CXX_BOOL: 'C_BOOL',
	CXX_FLOAT_COMPLEX: 'C_FLOAT_COMPLEX',
	CXX_DOUBLE_COMPLEX: 'C_DOUBLE_COMPLEX',
	FLOAT32_T: 'FLOAT',
	FLOAT64_T: 'DOUBLE',
	// Fortran's, as its compilers have them without further options
	CHARACTER: 'CHAR',
	INTEGER: 'INT',
	REAL: 'FLOAT',
	DOUBLE_PRECISION: 'DOUBLE',
	COMPLEX: 'C_FLOAT_COMPLEX',
	DOUBLE_COMPLEX: 'C_DOUBLE_COMPLEX',
	INTEGER1: 'INT8_T',
	INTEGER2: 'INT16_T',
	INTEGER4: 'INT32_T',
	INTEGER8: 'INT64_T',
	REAL4: 'FLOAT',
	REAL8: 'DOUBLE',
	COMPLEX8: 'C_FLOAT_COMPLEX',
	COMPLEX16: 'C_DOUBLE_COMPLEX',
	F_INT: 'INT',
	F_FLOAT: 'FLOAT',
	F_DOUBLE: 'DOUBLE',
	F_COMPLEX: 'C_FLOAT_COMPLEX',
	F_FLOAT_COMPLEX: 'C_FLOAT_COMPLEX',
	F_DOUBLE_COMPLEX: 'C_DOUBLE_COMPLEX',
};

/** mpi4py's name without `MPI_` → handle. */
export const opHandles = {
	MAX: 1,
	MIN: 2,
	SUM: 3,
	PROD: 4,
	LAND: 5,
	BAND: 6,
	LOR: 7,
	BOR: 8,
	LXOR: 9,
	BXOR: 10,
	MAXLOC: 11,
	MINLOC: 12,
	REPLACE: 13,
	NO_OP: 14,
} as const;
