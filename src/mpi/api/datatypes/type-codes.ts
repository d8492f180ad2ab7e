/**
 * The names that NumPy and Python's `array` and `struct` have for MPI's predefined datatypes: a letter (`d`), or kind
 * and size (`f8`). mpi4py takes them for datatypes, and tells them of datatypes, in both forms.
 */
import type { PredefinedDatatype } from '../../handles.ts';

/** As NumPy's `typestr` without the byte order: `f8`. Undefined where there is none. */
export function typeStringOf({ name, kind, size }: PredefinedDatatype): string | undefined {
	if (name === 'CHAR') return 'S1';
	if (name === 'WCHAR') return 'U1';
	const letter = stringKinds[kind];
	return letter === undefined ? undefined : `${letter}${size}`;
}

/** The letter of Python's `struct`. */
export function typeLetterOf({ name, kind, size }: PredefinedDatatype): string | undefined {
	return lettersByName[name] ?? lettersByKind[kind]?.[size];
}

/** As mpi4py's `tocode()`: the string where the size belongs to the type's name, the letter else. */
export function typeCodeOf(datatype: PredefinedDatatype): string | undefined {
	return sized.test(datatype.name) ? typeStringOf(datatype) : typeLetterOf(datatype);
}

const sized = /^U?INT\d+_T$|^C_BOOL$/;

const stringKinds: Partial<Record<PredefinedDatatype['kind'], string>> = { int: 'i', uint: 'u', float: 'f', bool: 'b', complex: 'c', byte: 'u' };
const lettersByName: Readonly<Record<string, string>> = {
	CHAR: 'c',
	WCHAR: 'U',
	LONG_LONG: 'q',
	UNSIGNED_LONG_LONG: 'Q',
	AINT: 'p',
	OFFSET: 'p',
	COUNT: 'p',
};
const lettersByKind: Partial<Record<PredefinedDatatype['kind'], Readonly<Record<number, string>>>> = {
	int: { 1: 'b', 2: 'h', 4: 'i', 8: 'l' },
	uint: { 1: 'B', 2: 'H', 4: 'I', 8: 'L' },
	float: { 4: 'f', 8: 'd' },
	bool: { 1: '?' },
	complex: { 8: 'F', 16: 'D' },
	byte: { 1: 'B' },
};

/** Each code that `fromcode()` takes → the datatype's name. */
export const namesByCode: Readonly<Record<string, string>> = {
	...{ '?': 'C_BOOL', b: 'SIGNED_CHAR', h: 'SHORT', i: 'INT', l: 'LONG', q: 'LONG_LONG' },
	...{ B: 'UNSIGNED_CHAR', H: 'UNSIGNED_SHORT', I: 'UNSIGNED', L: 'UNSIGNED_LONG', Q: 'UNSIGNED_LONG_LONG' },
	...{ f: 'FLOAT', d: 'DOUBLE', F: 'C_FLOAT_COMPLEX', D: 'C_DOUBLE_COMPLEX', Zf: 'C_FLOAT_COMPLEX', Zd: 'C_DOUBLE_COMPLEX' },
	...{ b1: 'C_BOOL', i1: 'INT8_T', i2: 'INT16_T', i4: 'INT32_T', i8: 'INT64_T', u1: 'UINT8_T', u2: 'UINT16_T', u4: 'UINT32_T', u8: 'UINT64_T' },
	...{ f4: 'FLOAT', f8: 'DOUBLE', c8: 'C_FLOAT_COMPLEX', c16: 'C_DOUBLE_COMPLEX' },
	...{ n: 'COUNT', N: 'UNSIGNED_LONG', p: 'AINT', P: 'UNSIGNED_LONG', c: 'CHAR', a: 'CHAR', S: 'CHAR', S1: 'CHAR', s: 'CHAR', '1s': 'CHAR' },
	...{
		U: 'WCHAR',
		U1: 'WCHAR',
		w: 'WCHAR',
		'1w': 'WCHAR',
		u: 'UINT16_T',
		'1u': 'UINT16_T',
		M: 'INT64_T',
		M8: 'INT64_T',
		m: 'INT64_T',
		m8: 'INT64_T',
	},
};
