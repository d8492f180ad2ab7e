/**
 * What the operations of MPI do, in plain JavaScript; and values for which the order of additions and multiplications
 * does not matter.
 */
import { MPI } from 'nprocs/mpi';
import { type ElementType, isBig, type LaneKind, type Num } from './elements.ts';
import type { Random } from './random.ts';

/** Elements of the left and of the right operand; their lanes. */
type Combine = (a: readonly Num[], b: readonly Num[], type: ElementType) => Num[];

export interface ReferenceOp {
	readonly name: string;
	readonly op: MPI.Op;
	readonly combine: Combine;
	fits(type: ElementType): boolean;
	/** A lane of an operand. */
	draw(random: Random, kind: LaneKind, lane: number): Num;
}

const integers = [
	'Int8Array',
	'Uint8Array',
	'Uint8ClampedArray',
	'Int16Array',
	'Uint16Array',
	'Int32Array',
	'Uint32Array',
	'BigInt64Array',
	'BigUint64Array',
	'LONG',
	'UNSIGNED',
];
const floats = ['Float32Array', 'Float64Array'];
const complexes = ['C_FLOAT_COMPLEX', 'C_DOUBLE_COMPLEX'];
const pairs = ['SHORT_INT', 'INT_INT', 'LONG_INT', 'FLOAT_INT', 'DOUBLE_INT'];

function of(...names: readonly (readonly string[])[]): (type: ElementType) => boolean {
	const all = new Set(names.flat());
	return (type) => all.has(type.name);
}

function lanewise(combine: (a: never, b: never) => Num | boolean): Combine {
	return (a, b, { lanes }) => a.map((x, i) => asNum(combine(x as never, b[i] as never), lanes[i]!.kind));
}

function asNum(value: Num | boolean, kind: LaneKind): Num {
	return typeof value === 'boolean' ? (isBig(kind) ? BigInt(value) : Number(value)) : value;
}

function small(random: Random, kind: LaneKind): Num {
	const n = kind.startsWith('u') ? random.below(10) : random.below(10) - 5;
	return isBig(kind) ? BigInt(n) : n;
}

function oneOrTwo(random: Random, kind: LaneKind): Num {
	const n = 1 + random.below(2);
	return isBig(kind) ? BigInt(n) : n;
}

/** Zero or not is what counts. */
function truth(random: Random, kind: LaneKind): Num {
	const n = random.below(3) === 0 ? 0 : 1 + random.below(2);
	return isBig(kind) ? BigInt(n) : n;
}

function bits(random: Random, kind: LaneKind): Num {
	const n = random.below(2 ** 32);
	if (isBig(kind)) return BigInt(n) * BigInt(random.below(2 ** 30));
	return kind.endsWith('8') ? n & 0x7f : kind.endsWith('16') ? n & 0x7fff : kind === 'uint32' ? n : n | 0;
}

function located(wins: (a: Num, b: Num) => boolean): Combine {
	return ([x, i], [y, j]) => (wins(x!, y!) ? [x!, i!] : wins(y!, x!) ? [y!, j!] : i! <= j! ? [x!, i!] : [y!, j!]);
}

function drawPair(random: Random, kind: LaneKind, lane: number): Num {
	const n = random.below(lane === 0 ? 3 : 6);
	return isBig(kind) ? BigInt(n) : n;
}

/** Truth values of C are one byte that is 0 or 1. */
function truthOfType(random: Random, kind: LaneKind): Num {
	return kind === 'uint8' ? random.below(2) : truth(random, kind);
}

export const predefinedOps: readonly ReferenceOp[] = [
	{ name: 'MAX', op: MPI.MAX, combine: lanewise((a: number, b: number) => (a > b ? a : b)), fits: of(integers, floats), draw: small },
	{ name: 'MIN', op: MPI.MIN, combine: lanewise((a: number, b: number) => (a < b ? a : b)), fits: of(integers, floats), draw: small },
	{ name: 'SUM', op: MPI.SUM, combine: lanewise((a: number, b: number) => a + b), fits: of(integers, floats, complexes), draw: small },
	{
		name: 'PROD',
		op: MPI.PROD,
		combine: (a, b, type) => {
			if (!complexes.includes(type.name)) return a.map((x, i) => (x as number) * (b[i] as number));
			const [[p, q], [r, s]] = [a as number[], b as number[]] as [[number, number], [number, number]];
			return [p * r - q * s, p * s + q * r];
		},
		fits: of(integers, floats, complexes),
		draw: oneOrTwo,
	},
	{
		name: 'LAND',
		op: MPI.LAND,
		combine: lanewise((a: Num, b: Num) => Boolean(a) && Boolean(b)),
		fits: of(integers, ['C_BOOL']),
		draw: truthOfType,
	},
	{ name: 'LOR', op: MPI.LOR, combine: lanewise((a: Num, b: Num) => Boolean(a) || Boolean(b)), fits: of(integers, ['C_BOOL']), draw: truthOfType },
	{
		name: 'LXOR',
		op: MPI.LXOR,
		combine: lanewise((a: Num, b: Num) => Boolean(a) !== Boolean(b)),
		fits: of(integers, ['C_BOOL']),
		draw: truthOfType,
	},
	{ name: 'BAND', op: MPI.BAND, combine: lanewise((a: number, b: number) => a & b), fits: of(integers, ['BYTE']), draw: bits },
	{ name: 'BOR', op: MPI.BOR, combine: lanewise((a: number, b: number) => a | b), fits: of(integers, ['BYTE']), draw: bits },
	{ name: 'BXOR', op: MPI.BXOR, combine: lanewise((a: number, b: number) => a ^ b), fits: of(integers, ['BYTE']), draw: bits },
	{ name: 'MAXLOC', op: MPI.MAXLOC, combine: located((a, b) => a > b), fits: of(pairs), draw: drawPair },
	{ name: 'MINLOC', op: MPI.MINLOC, combine: located((a, b) => a < b), fits: of(pairs), draw: drawPair },
];

/**
 * Operations of the program's own: one that is not commutative, on numbers that each stand for a function x → a·x + b
 * modulo 256, which it composes; and one on derived datatypes, which combines the bytes of their numbers and leaves the
 * gaps alone.
 */
export function userOps(dataBytesOf: (type: MPI.Datatype) => readonly boolean[]): { ops: ReferenceOp[]; free: () => void } {
	const compose = MPI.Op.Create((a: Uint32Array, inout: Uint32Array) => {
		for (let i = 0; i < a.length; i++) inout[i] = composed(a[i]!, inout[i]!);
	});
	const xor = MPI.Op.Create((a: Uint8Array, inout: Uint8Array, type) => {
		const isData = dataBytesOf(type!);
		for (let i = 0; i < a.length; i++) if (isData[i % isData.length]) inout[i]! ^= a[i]!;
	}, true);
	const ops = [
		{ name: 'composition', op: compose, combine: lanewise((a: number, b: number) => composed(a, b)), fits: of(['Uint32Array']), draw: bits16 },
		{
			name: 'xor of bytes',
			op: xor,
			combine: lanewise((a: number, b: number) => a ^ b),
			fits: of(['backwards hindexed']),
			draw: bits,
		},
	];
	return {
		ops,
		free: () => {
			compose.Free();
			xor.Free();
		},
	};
}

function bits16(random: Random): number {
	return random.below(65_536);
}

/** First `f`, then `g`: (a, b) and (c, d) are (a·c, b·c + d). */
function composed(f: number, g: number): number {
	const [a, b, c, d] = [f & 0xff, f >> 8, g & 0xff, g >> 8];
	return ((a * c) & 0xff) | (((b * c + d) & 0xff) << 8);
}
