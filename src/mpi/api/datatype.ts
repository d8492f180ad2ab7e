/**
 * Datatype: what the elements of a buffer are.
 *
 * The predefined ones exist before any engine does, one object each (`predefined`); their sizes are known here. A derived one is
 * made by the engine, and asked for its sizes once; how it was made is kept in a recipe (datatype-recipe.ts). A freed datatype has
 * the handle 0 and is refused wherever a datatype is needed.
 */
import { inspect } from 'node:util';
import { ArgumentError } from '../../base/errors.ts';
import { describe } from '../../base/arguments.ts';
import * as constants from '../constants.ts';
import { engine } from './lifecycle.ts';
import { type PredefinedDatatype, datatypeAliases, NULL_HANDLE, predefinedDatatypes } from '../handles.ts';
import { check, fail } from './check.ts';
import { argumentsOf, combinerName, type DatatypeRecipe, onlyLeafOf } from './datatype-recipe.ts';
import { addressList, anAddress, anInt, intList, listOf, sameLength } from './numbers.ts';
import { namesByCode, typeCodeOf, typeLetterOf, typeStringOf } from './type-codes.ts';

/** In bytes. */
export interface DatatypeSizes {
	readonly size: number;
	readonly lb: number;
	readonly extent: number;
	readonly trueLb: number;
	readonly trueExtent: number;
}

/** What stands behind a datatype: one of these is given to the constructor, by the library. */
export type DatatypeOrigin = { readonly predefined: PredefinedDatatype } | { readonly handle: number; readonly recipe: DatatypeRecipe };

/** All that are not freed. */
const byHandle = new Map<number, Datatype>();

export class Datatype {
	/** The seam's number of it; 0 when it is none, or freed. */
	handle: number;
	/** What it is, when it is predefined. */
	readonly predefined: PredefinedDatatype | undefined;
	readonly #recipe: DatatypeRecipe | undefined;
	readonly #sizes: DatatypeSizes;
	#committed: boolean;
	#name: string | undefined;

	/** As in mpi4py, a `new Datatype()` of a program's own is a null datatype; the argument is for the library. */
	constructor(origin?: DatatypeOrigin) {
		this.predefined = origin !== undefined && 'predefined' in origin ? origin.predefined : undefined;
		this.#recipe = origin !== undefined && 'recipe' in origin ? origin.recipe : undefined;
		this.handle = origin === undefined ? NULL_HANDLE : 'predefined' in origin ? origin.predefined.handle : origin.handle;
		this.#committed = this.predefined !== undefined;
		this.#sizes = sizesOf(this.handle, this.predefined);
		if (this.handle !== NULL_HANDLE) byHandle.set(this.handle, this);
	}

	/** Whether it may be used in communication: predefined, or committed. */
	get isCommitted(): boolean {
		return this.#committed && this.handle !== NULL_HANDLE;
	}

	// Sizes, in bytes

	Get_size(): number {
		return this.size;
	}
	/** Of the data in one element. */
	get size(): number {
		return this.#alive().size;
	}
	/** [lower bound, extent]. */
	Get_extent(): [lb: number, extent: number] {
		return [this.lb, this.extent];
	}
	/** From one element to the next. */
	get extent(): number {
		return this.#alive().extent;
	}
	get lb(): number {
		return this.#alive().lb;
	}
	get ub(): number {
		return this.lb + this.extent;
	}
	/** [lower bound, extent] of the data itself, whatever the bounds were set to. */
	Get_true_extent(): [lb: number, extent: number] {
		return [this.true_lb, this.true_extent];
	}
	get true_extent(): number {
		return this.#alive().trueExtent;
	}
	get true_lb(): number {
		return this.#alive().trueLb;
	}
	get true_ub(): number {
		return this.true_lb + this.true_extent;
	}

	// Derived datatypes

	Dup(): Datatype {
		const copy = this.#derive(constants.COMBINER_DUP, [], []);
		copy.#committed = this.#committed;
		return copy;
	}
	/** As `Dup()`. */
	Create_dup(): Datatype {
		return this.Dup();
	}

	/** `count` elements, one after the other. */
	Create_contiguous(count: number): Datatype {
		return this.#derive(constants.COMBINER_CONTIGUOUS, [anInt(count, countRule)], []);
	}

	/** `count` blocks of `blocklength` elements; from the beginning of one to that of the next `stride` elements. */
	Create_vector(count: number, blocklength: number, stride: number): Datatype {
		return this.#derive(
			constants.COMBINER_VECTOR,
			[anInt(count, countRule), anInt(blocklength, blocklengthRule), anInt(stride, { name: 'stride' })],
			[],
		);
	}

	/** As `Create_vector()`, with the stride in bytes. */
	Create_hvector(count: number, blocklength: number, stride: number): Datatype {
		const integers = [anInt(count, countRule), anInt(blocklength, blocklengthRule)];
		return this.#derive(constants.COMBINER_HVECTOR, integers, [anAddress(stride, { name: 'stride' })]);
	}

	/** Blocks of these lengths, at these displacements; both in elements. */
	Create_indexed(blocklengths: ArrayLike<number>, displacements: ArrayLike<number>): Datatype {
		const lengths = intList(blocklengths, blocklengthsRule);
		const places = intList(displacements, displacementsRule);
		sameLength('displacements', places, lengths.length, 'blocklengths');
		return this.#derive(constants.COMBINER_INDEXED, [lengths.length, ...lengths, ...places], []);
	}

	/** As `Create_indexed()`, with the displacements in bytes. */
	Create_hindexed(blocklengths: ArrayLike<number>, displacements: ArrayLike<number>): Datatype {
		const lengths = intList(blocklengths, blocklengthsRule);
		const places = addressList(displacements, displacementsRule);
		sameLength('displacements', places, lengths.length, 'blocklengths');
		return this.#derive(constants.COMBINER_HINDEXED, [lengths.length, ...lengths], places);
	}

	/** Blocks of one length, at these displacements; both in elements. */
	Create_indexed_block(blocklength: number, displacements: ArrayLike<number>): Datatype {
		const places = intList(displacements, displacementsRule);
		return this.#derive(constants.COMBINER_INDEXED_BLOCK, [places.length, anInt(blocklength, blocklengthRule), ...places], []);
	}

	/** As `Create_indexed_block()`, with the displacements in bytes. */
	Create_hindexed_block(blocklength: number, displacements: ArrayLike<number>): Datatype {
		const places = addressList(displacements, displacementsRule);
		return this.#derive(constants.COMBINER_HINDEXED_BLOCK, [places.length, anInt(blocklength, blocklengthRule)], places);
	}

	/** Blocks of these lengths, of elements of these datatypes, at these displacements in bytes. */
	static Create_struct(blocklengths: ArrayLike<number>, displacements: ArrayLike<number>, datatypes: readonly Datatype[]): Datatype {
		const lengths = intList(blocklengths, blocklengthsRule);
		const places = addressList(displacements, displacementsRule);
		sameLength('displacements', places, lengths.length, 'blocklengths');
		sameLength('datatypes', listOf(datatypes, 'datatypes'), lengths.length, 'blocklengths');
		return derive({ combiner: constants.COMBINER_STRUCT, integers: [lengths.length, ...lengths], addresses: places }, datatypes);
	}

	/** A part of an array of several dimensions: `subsizes` elements from `starts` on, of an array of `sizes`. */
	Create_subarray(sizes: ArrayLike<number>, subsizes: ArrayLike<number>, starts: ArrayLike<number>, order: number = constants.ORDER_C): Datatype {
		const whole = intList(sizes, { name: 'sizes', least: 1 });
		const part = intList(subsizes, { name: 'subsizes', least: 1 });
		const from = intList(starts, { name: 'starts', least: 0 });
		sameLength('subsizes', part, whole.length, 'sizes');
		sameLength('starts', from, whole.length, 'sizes');
		if (whole.length === 0) fail(constants.ERR_ARG, 'A subarray needs at least one dimension: `sizes` is empty.');
		if (order !== constants.ORDER_C && order !== constants.ORDER_FORTRAN)
			fail(constants.ERR_ARG, '`order` must be MPI.ORDER_C or MPI.ORDER_FORTRAN.');
		whole.forEach((size, i) => {
			if (from[i]! + part[i]! > size) {
				fail(constants.ERR_ARG, `Dimension ${i} of the subarray ends at ${from[i]! + part[i]!}, the array's at ${size}.`);
			}
		});
		return this.#derive(constants.COMBINER_SUBARRAY, [whole.length, ...whole, ...part, ...from, order], []);
	}

	/** The same with another lower bound and extent, in bytes. */
	Create_resized(lb: number, extent: number): Datatype {
		return this.#derive(constants.COMBINER_RESIZED, [], [anAddress(lb, { name: 'lb' }), anAddress(extent, { name: 'extent' })]);
	}

	/** The predefined datatype for a value of one kind with an index of another, for MAXLOC and MINLOC; DATATYPE_NULL when there is none. */
	static Get_value_index(value: Datatype, index: Datatype): Datatype {
		for (const type of [value, index]) aliveHandle(type);
		const of = value.predefined;
		const found = index.handle !== predefined.INT!.handle ? undefined : predefinedDatatypes.find(({ name }) => name === `${of?.name}_INT`);
		return found === undefined ? DATATYPE_NULL : predefined[found.name]!;
	}

	// Its life

	/** To be called once before it is used in communication. */
	Commit(): this {
		check(engine().typeCommit(aliveHandle(this)));
		this.#committed = true;
		return this;
	}

	Free(): void {
		if (this.predefined !== undefined) fail(constants.ERR_TYPE, `${this.#name ?? this.predefined.mpiName} is predefined: it cannot be freed.`);
		check(engine().typeFree(aliveHandle(this)));
		byHandle.delete(this.handle);
		this.handle = NULL_HANDLE;
	}
	/** As `Free()`, without an error for those that are predefined, null or freed. */
	free(): void {
		if (this.predefined === undefined && this.handle !== NULL_HANDLE) this.Free();
	}

	// How it was made

	/** How many integers, addresses, counts and datatypes `Get_contents()` gives, and the COMBINER_*. */
	Get_envelope(): [integers: number, addresses: number, counts: number, datatypes: number, combiner: number] {
		this.#alive();
		const recipe = this.#recipe;
		if (recipe === undefined) return [0, 0, 0, 0, constants.COMBINER_NAMED];
		return [recipe.integers.length, recipe.addresses.length, 0, recipe.parts.length, recipe.combiner];
	}
	get envelope(): [integers: number, addresses: number, counts: number, datatypes: number, combiner: number] {
		return this.Get_envelope();
	}

	/** What it was made from. Derived datatypes among them are new ones, to be freed by the caller. */
	Get_contents(): [integers: number[], addresses: number[], counts: number[], datatypes: Datatype[]] {
		this.#alive();
		const recipe = this.#recipe;
		if (recipe === undefined) fail(constants.ERR_TYPE, `${this.Get_name()} is predefined: it was made from nothing.`);
		return [[...recipe.integers], [...recipe.addresses], [], recipe.parts.map(remade)];
	}
	get contents(): [integers: number[], addresses: number[], counts: number[], datatypes: Datatype[]] {
		return this.Get_contents();
	}

	/** [the datatype it was made from, the combiner's name, the arguments by name]; of a struct the first is the class. */
	decode(): [Datatype | typeof Datatype, string, Record<string, number | number[] | Datatype[]>] {
		this.#alive();
		if (this.#recipe === undefined) return [this, 'NAMED', {}];
		const [, , , types] = this.Get_contents();
		const name = combinerName(this.#recipe.combiner);
		const named = argumentsOf(this.#recipe);
		return name === 'STRUCT' ? [Datatype, name, { ...named, datatypes: types }] : [types[0]!, name, named];
	}

	/** COMBINER_*. */
	get combiner(): number {
		return this.Get_envelope()[4];
	}
	get is_named(): boolean {
		return this.combiner === constants.COMBINER_NAMED;
	}
	get is_predefined(): boolean {
		return this.handle === NULL_HANDLE || this.predefined !== undefined;
	}

	/** The predefined datatype of which all of its elements are; itself when there are several. @internal */
	get basic(): Datatype {
		const leaf = this.#recipe === undefined ? undefined : onlyLeafOf(this.#recipe);
		return (leaf === undefined ? undefined : byHandle.get(leaf)) ?? this;
	}

	// Names

	Get_name(): string {
		if (this.#name !== undefined) return this.#name;
		return this.predefined?.mpiName ?? (this.handle === NULL_HANDLE ? 'MPI_DATATYPE_NULL' : '');
	}
	Set_name(name: string): void {
		this.#alive();
		if (typeof name !== 'string') throw new ArgumentError(`Expected \`name\` to be a string, got ${describe(name)}.`);
		this.#name = name;
	}
	get name(): string {
		return this.Get_name();
	}
	set name(name: string) {
		this.Set_name(name);
	}

	/** As NumPy names it: `f8`; `V` and the extent when it has no name there. */
	get typestr(): string {
		if (this.handle === NULL_HANDLE) return '';
		const named = this.#codeType();
		return (named && typeStringOf(named)) ?? `V${this.extent}`;
	}
	/** As Python's `struct` names it: `d`; `V` when it has no name there. */
	get typechar(): string {
		if (this.handle === NULL_HANDLE) return '';
		const named = this.#codeType();
		return (named && typeLetterOf(named)) ?? 'V';
	}
	tocode(): string {
		const named = this.#codeType();
		const code = this.handle === NULL_HANDLE ? undefined : named && typeCodeOf(named);
		if (code === undefined) throw new ArgumentError(`${this.Get_name() || 'This datatype'} has no code of NumPy's or Python's \`struct\`.`);
		return code;
	}
	/** The predefined datatype for a code of NumPy's or Python's: `d`, `f8`, `i4`, … */
	static fromcode(code: string): Datatype {
		const name = typeof code === 'string' && Object.hasOwn(namesByCode, code) ? namesByCode[code] : undefined;
		if (name === undefined)
			throw new ArgumentError(`No MPI datatype has the code ${describe(code)}. Codes are those of NumPy: \`f8\`, \`i4\`, \`d\`.`);
		return predefined[name]!;
	}

	[inspect.custom](): string {
		return `Datatype ${this.Get_name() || (this.#recipe && combinerName(this.#recipe.combiner).toLowerCase()) || 'freed'}`;
	}

	#alive(): DatatypeSizes {
		if (this.handle === NULL_HANDLE) noDatatype();
		return this.#sizes;
	}

	/** Duplicates have the codes of what they are duplicates of. */
	#codeType(): PredefinedDatatype | undefined {
		let recipe: DatatypeRecipe | number | undefined = this.#recipe;
		if (recipe === undefined) return this.predefined;
		while (typeof recipe === 'object' && recipe.combiner === constants.COMBINER_DUP) recipe = recipe.parts[0];
		return typeof recipe === 'number' ? byHandle.get(recipe)?.predefined : undefined;
	}

	#derive(combiner: number, integers: readonly number[], addresses: readonly number[]): Datatype {
		return derive({ combiner, integers, addresses }, [this]);
	}

	/** For recipes: what a part was made from, and the number of a predefined one. */
	static partOf(type: Datatype): DatatypeRecipe | number {
		return type.#recipe ?? type.handle;
	}
}

/** The null datatype: its handle is 0. */
export const DATATYPE_NULL = new Datatype();

/** By mpi4py's names, aliases too. */
export const predefined: Readonly<Record<string, Datatype>> = (() => {
	const types = Object.fromEntries(predefinedDatatypes.map((row) => [row.name, new Datatype({ predefined: row })]));
	for (const [alias, name] of Object.entries(datatypeAliases)) types[alias] = types[name]!;
	return types;
})();

/** The one of this handle; undefined when it is none that is known here. */
export function datatypeOf(handle: number): Datatype | undefined {
	return byHandle.get(handle);
}

/** The handle of a datatype that somebody gave; throws when it is none, or freed. */
export function aliveHandle(type: unknown): number {
	if (!(type instanceof Datatype))
		throw new ArgumentError(`Expected an MPI.Datatype, got ${describe(type)}. The predefined ones are MPI.DOUBLE, MPI.INT, …`);
	return type.handle === NULL_HANDLE ? noDatatype() : type.handle;
}

function noDatatype(): never {
	fail(constants.ERR_TYPE, 'The datatype is DATATYPE_NULL, or was freed.');
}

const countRule = { name: 'count', least: 0, errorClass: constants.ERR_COUNT };
const blocklengthRule = { name: 'blocklength', least: 0 };
const blocklengthsRule = { name: 'blocklengths', least: 0 };
const displacementsRule = { name: 'displacements' };

function derive(recipe: Omit<DatatypeRecipe, 'parts'>, from: readonly Datatype[]): Datatype {
	const types = from.map(aliveHandle);
	const { combiner, integers, addresses } = recipe;
	check(engine().typeCreate(combiner, integers, addresses, types));
	return new Datatype({ handle: engine().out[0]!, recipe: { ...recipe, parts: from.map((type) => Datatype.partOf(type)) } });
}

function remade(part: number | DatatypeRecipe): Datatype {
	if (typeof part === 'number') return byHandle.get(part)!;
	const parts = part.parts.map(remade);
	const type = derive(part, parts);
	for (const inner of parts) inner.free();
	return type;
}

function sizesOf(handle: number, known: PredefinedDatatype | undefined): DatatypeSizes {
	if (known !== undefined) return { size: known.size, lb: 0, extent: known.extent, trueLb: 0, trueExtent: trueExtentOf(known) };
	if (handle === NULL_HANDLE) return { size: 0, lb: 0, extent: 0, trueLb: 0, trueExtent: 0 };
	check(engine().typeSizes(handle));
	const [size, lb, extent, trueLb, trueExtent] = engine().out as unknown as [number, number, number, number, number];
	return { size, lb, extent, trueLb, trueExtent };
}

/** Pairs have padding behind, and a `short` with an `int` between. */
function trueExtentOf({ size, extent, kind, value }: PredefinedDatatype): number {
	return kind === 'pair' && value!.size < 4 ? extent : size;
}
