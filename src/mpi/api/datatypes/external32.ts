/**
 * `external32`: the representation of data that all MPIs read, whatever machine has written them: big-endian, each
 * predefined datatype in the size that the standard gives it (MPI 4.1, 14.5.2), elements one behind the other. It is
 * made here, since engines disagree about it, and MPICH 4.0 aborts on some datatypes.
 */
import { endianness } from 'node:os';
import { aString, checkArgument } from '../../../base/arguments.ts';
import { ERR_ARG, ERR_CONVERSION } from '../../constants.ts';
import { predefinedDatatypes, type PredefinedDatatype } from '../../handles.ts';
import { fail } from '../arguments/check.ts';
import { type DatatypeRecipe, repeatsOf } from './datatype-recipe.ts';

/** A number in memory and in `external32`. */
interface Scalar {
	readonly size: number;
	readonly external: number;
	readonly isSigned: boolean;
	readonly name: string;
}

/** Throws unless it is `external32`, the only one that MPI has. */
export function checkDatarep(datarep: unknown): void {
	checkArgument('`datarep`', datarep, aString);
	if (datarep !== 'external32') fail(ERR_ARG, `There is no data representation ${JSON.stringify(datarep)} to pack into: it must be 'external32'.`);
}

/** The scalars of one element, in the order in which they are packed. */
export function scalarsOf(part: DatatypeRecipe | number): readonly Scalar[] {
	if (typeof part === 'number') return scalarsOfPredefined(predefinedDatatypes.find(({ handle }) => handle === part)!);
	const repeats = repeatsOf(part);
	return part.parts.flatMap((inner, i) => {
		const scalars = scalarsOf(inner);
		return Array.from({ length: repeats[i]! }, () => scalars).flat();
	});
}

/** Bytes of one element in `external32`. */
export function externalSize(scalars: readonly Scalar[]): number {
	return scalars.reduce((sum, { external }) => sum + external, 0);
}

/** From packed elements in the machine's order. */
export function toExternal(native: Uint8Array, external: Uint8Array, scalars: readonly Scalar[]): void {
	eachScalar(native, external, scalars, (scalar, from, to) => {
		const { size, external: length, isSigned, name } = scalar;
		const number = native.subarray(from, from + size);
		const bytes = isLittle ? number.slice().reverse() : number;
		const cut = bytes.subarray(0, size - length);
		const filler = isSigned && bytes[size - length]! >= 0x80 ? 0xff : 0;
		if (cut.some((byte) => byte !== filler))
			fail(
				ERR_CONVERSION,
				`A number of ${name} does not fit into the ${length} bytes that external32 has for it: use MPI.INT64_T or MPI.LONG_LONG.`,
			);
		external.set(bytes.subarray(size - length), to);
	});
}

export function fromExternal(external: Uint8Array, native: Uint8Array, scalars: readonly Scalar[]): void {
	eachScalar(native, external, scalars, ({ size, external: length, isSigned }, to, from) => {
		const bytes = external.slice(from, from + length);
		const filler = isSigned && bytes[0]! >= 0x80 ? 0xff : 0;
		const whole = new Uint8Array(size).fill(filler);
		whole.set(bytes, size - length);
		native.set(isLittle ? whole.reverse() : whole, to);
	});
}

const isLittle = endianness() === 'LE';

function eachScalar(
	native: Uint8Array,
	external: Uint8Array,
	scalars: readonly Scalar[],
	convert: (scalar: Scalar, nativeAt: number, externalAt: number) => void,
): void {
	let [nativeAt, externalAt] = [0, 0];
	while (nativeAt < native.length && externalAt < external.length) {
		for (const scalar of scalars) {
			convert(scalar, nativeAt, externalAt);
			nativeAt += scalar.size;
			externalAt += scalar.external;
		}
	}
}

/** Of those whose size there is another one than here. */
const sizes: Readonly<Record<string, number>> = { LONG: 4, UNSIGNED_LONG: 4, WCHAR: 2 };

function scalarsOfPredefined({ name, kind, size, value }: PredefinedDatatype): Scalar[] {
	if (kind === 'complex') return [0, 1].map(() => ({ size: size / 2, external: size / 2, isSigned: false, name }));
	if (kind === 'pair') {
		const first = { size: value!.size, external: name === 'LONG_INT' ? 4 : value!.size, isSigned: value!.kind === 'int', name };
		return [first, { size: 4, external: 4, isSigned: true, name }];
	}
	return [{ size, external: sizes[name] ?? size, isSigned: kind === 'int', name }];
}
