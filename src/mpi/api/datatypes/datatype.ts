/**
 * Datatype: what the elements of a buffer are.
 *
 * The predefined ones exist before any engine does, one object each (`predefined`); their sizes are known here. A
 * derived one is made by the engine, and asked for its sizes once; how it was made is kept in a recipe
 * (datatype-recipe.ts). A freed datatype has the handle 0 and is refused wherever a datatype is needed.
 */
import { ArgumentError } from '../../../base/errors.ts';
import { describe } from '../../../base/arguments.ts';
import * as constants from '../../constants.ts';
import { engine } from '../environment/lifecycle.ts';
import { datatypeAliases, NULL_HANDLE, predefinedDatatypes } from '../../handles.ts';
import { type CopyFunction, type DeleteFunction, type KeyvalOptions, Keyvals } from '../environment/attributes.ts';
import { check, fail } from '../arguments/check.ts';
import { keywordOr } from '../arguments/keywords.ts';
import { darrayShape, ownedDimensions, recipeIntegers, shapeOf } from './darray.ts';
import { type DatatypeOrigin, noDatatype } from './datatype-facts.ts';
import { DatatypePacking } from './datatype-packing.ts';
import { argumentsOf, combinerName, type DatatypeRecipe, onlyLeafOf } from './datatype-recipe.ts';
import { addressList, anAddress, anInt, intList, listOf, sameLength } from '../arguments/numbers.ts';
import { integerOfRange, nameOfSize, realOfPrecision } from './fortran-kinds.ts';
import { namesByCode } from './type-codes.ts';

/** All that are not freed. */
const byHandle = new Map<number, Datatype>();

const keyvals = new Keyvals<Datatype>();

export class Datatype extends DatatypePacking {
	/** As in mpi4py, a `new Datatype()` of a program's own is a null datatype; the argument is for the library. */
	constructor(origin?: DatatypeOrigin) {
		super(origin);
		if (this.handle !== NULL_HANDLE) byHandle.set(this.handle, this);
	}

	// Derived datatypes

	Dup(): Datatype {
		const copy = this.#derive(constants.COMBINER_DUP, [], []);
		copy.isReady = this.isReady;
		keyvals.copyAll(this, copy);
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
		sameLength('displacements', places, { of: 'blocklengths', length: lengths.length });
		return this.#derive(constants.COMBINER_INDEXED, [lengths.length, ...lengths, ...places], []);
	}

	/** As `Create_indexed()`, with the displacements in bytes. */
	Create_hindexed(blocklengths: ArrayLike<number>, displacements: ArrayLike<number>): Datatype {
		const lengths = intList(blocklengths, blocklengthsRule);
		const places = addressList(displacements, displacementsRule);
		sameLength('displacements', places, { of: 'blocklengths', length: lengths.length });
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
		sameLength('displacements', places, { of: 'blocklengths', length: lengths.length });
		sameLength('datatypes', listOf(datatypes, 'datatypes'), { of: 'blocklengths', length: lengths.length });
		return derive({ combiner: constants.COMBINER_STRUCT, integers: [lengths.length, ...lengths], addresses: places }, datatypes);
	}

	/** A part of an array of several dimensions: `subsizes` elements from `starts` on, of an array of `sizes`. */
	Create_subarray(
		sizes: ArrayLike<number>,
		subsizes: ArrayLike<number>,
		starts: ArrayLike<number>,
		order: number | { readonly order?: number } = constants.ORDER_C,
	): Datatype {
		const layout = keywordOr<number>('Create_subarray()', 'order', { given: order, byDefault: constants.ORDER_C });
		const whole = intList(sizes, { name: 'sizes', least: 1 });
		const part = intList(subsizes, { name: 'subsizes', least: 1 });
		const from = intList(starts, { name: 'starts', least: 0 });
		sameLength('subsizes', part, { of: 'sizes', length: whole.length });
		sameLength('starts', from, { of: 'sizes', length: whole.length });
		if (whole.length === 0) fail(constants.ERR_ARG, 'A subarray needs at least one dimension: `sizes` is empty.');
		if (layout !== constants.ORDER_C && layout !== constants.ORDER_FORTRAN)
			fail(constants.ERR_ARG, '`order` must be MPI.ORDER_C or MPI.ORDER_FORTRAN.');
		whole.forEach((size, i) => {
			if (from[i]! + part[i]! > size) {
				fail(constants.ERR_ARG, `Dimension ${i} of the subarray ends at ${from[i]! + part[i]!}, the array's at ${size}.`);
			}
		});
		return this.#derive(constants.COMBINER_SUBARRAY, [whole.length, ...whole, ...part, ...from, layout], []);
	}

	/**
	 * The part of a global array of `gsizes` that process `rank` has, of a grid of `psizes` processes, `size` in all.
	 * `distribs` says how each dimension is dealt out (MPI.DISTRIBUTE_BLOCK, DISTRIBUTE_CYCLIC, DISTRIBUTE_NONE),
	 * `dargs` in blocks of how many indices (or MPI.DISTRIBUTE_DFLT_DARG).
	 */
	Create_darray(
		size: number,
		rank: number,
		gsizes: ArrayLike<number>,
		distribs: ArrayLike<number>,
		dargs: ArrayLike<number>,
		psizes: ArrayLike<number>,
		order: number | { readonly order?: number } = constants.ORDER_C,
	): Datatype {
		const layout = keywordOr<number>('Create_darray()', 'order', { given: order, byDefault: constants.ORDER_C });
		const shape = darrayShape({ size, rank, gsizes, distribs, dargs, psizes, order: layout });
		return this.#derive(constants.COMBINER_DARRAY, recipeIntegers(shape), []);
	}

	/** The same with another lower bound and extent, in bytes. */
	Create_resized(lb: number, extent: number): Datatype {
		return this.#derive(constants.COMBINER_RESIZED, [], [anAddress(lb, { name: 'lb' }), anAddress(extent, { name: 'extent' })]);
	}

	/** As `Create_resized()`. */
	Resized(lb: number, extent: number): Datatype {
		return this.Create_resized(lb, extent);
	}

	/** The predefined datatype of a kind (MPI.TYPECLASS_*) that has so many bytes. */
	static Match_size(typeclass: number, size: number): Datatype {
		return predefined[nameOfSize(typeclass, size)]!;
	}
	/** The predefined datatype for integers of so many decimal digits. */
	static Create_f90_integer(r: number): Datatype {
		return predefined[integerOfRange(r)]!;
	}
	/**
	 * The predefined datatype for numbers of `p` decimal digits and exponents up to `r`; either may be MPI.UNDEFINED.
	 */
	static Create_f90_real(p: number, r: number): Datatype {
		return predefined[realOfPrecision(p, r)]!;
	}
	/** As `Create_f90_real()`, of complex numbers. */
	static Create_f90_complex(p: number, r: number): Datatype {
		return predefined[realOfPrecision(p, r) === 'FLOAT' ? 'C_FLOAT_COMPLEX' : 'C_DOUBLE_COMPLEX']!;
	}

	/**
	 * The predefined datatype for a value of one kind with an index of another, for MAXLOC and MINLOC; DATATYPE_NULL
	 * when there is none.
	 */
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
		this.isReady = true;
		return this;
	}

	Free(): void {
		if (this.predefined !== undefined) fail(constants.ERR_TYPE, `${this.name || this.predefined.mpiName} is predefined: it cannot be freed.`);
		aliveHandle(this);
		keyvals.deleteAll(this);
		check(engine().typeFree(this.handle));
		byHandle.delete(this.handle);
		this.handle = NULL_HANDLE;
	}
	/** As `Free()`, without an error for those that are predefined, null or freed. */
	free(): void {
		if (this.predefined === undefined && this.handle !== NULL_HANDLE) this.Free();
	}

	// Attributes

	/** A key for attributes of datatypes: see `Comm.Create_keyval()`. */
	static Create_keyval(
		copy_fn?: CopyFunction<Datatype> | KeyvalOptions<Datatype> | null,
		delete_fn?: DeleteFunction<Datatype> | null,
		_nopython?: boolean,
	): number {
		return keyvals.create(copy_fn, delete_fn);
	}
	static Free_keyval(keyval: number): number {
		return keyvals.free(keyval);
	}
	/** Null when there is none. */
	Get_attr<T = unknown>(keyval: number): T | null {
		this.alive();
		return keyvals.get(this, keyval) as T | null;
	}
	Set_attr(keyval: number, attrval: unknown): void {
		this.alive();
		keyvals.set(this, keyval, attrval);
	}
	Delete_attr(keyval: number): void {
		this.alive();
		keyvals.delete(this, keyval);
	}
	/** Datatypes have no error handlers: errors are thrown. @internal */
	onError(): void {}

	// How it was made

	/** How many integers, addresses, counts and datatypes `Get_contents()` gives, and the COMBINER_*. */
	Get_envelope(): [integers: number, addresses: number, counts: number, datatypes: number, combiner: number] {
		this.alive();
		const recipe = this.recipe;
		if (recipe === undefined) return [0, 0, 0, 0, constants.COMBINER_NAMED];
		return [recipe.integers.length, recipe.addresses.length, 0, recipe.parts.length, recipe.combiner];
	}
	get envelope(): [integers: number, addresses: number, counts: number, datatypes: number, combiner: number] {
		return this.Get_envelope();
	}

	/** What it was made from. Derived datatypes among them are new ones, to be freed by the caller. */
	Get_contents(): [integers: number[], addresses: number[], counts: number[], datatypes: Datatype[]] {
		this.alive();
		const recipe = this.recipe;
		if (recipe === undefined) fail(constants.ERR_TYPE, `${this.Get_name()} is predefined: it was made from nothing.`);
		return [[...recipe.integers], [...recipe.addresses], [], recipe.parts.map(remade)];
	}
	get contents(): [integers: number[], addresses: number[], counts: number[], datatypes: Datatype[]] {
		return this.Get_contents();
	}

	/**
	 * [the datatype it was made from, the combiner's name, the arguments by name]; of a struct the first is the class.
	 */
	decode(): [Datatype | typeof Datatype, string, Record<string, number | number[] | Datatype[]>] {
		this.alive();
		if (this.recipe === undefined) return [this, 'NAMED', {}];
		const [, , , types] = this.Get_contents();
		const name = combinerName(this.recipe.combiner);
		const named = argumentsOf(this.recipe);
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
		const leaf = this.recipe === undefined ? undefined : onlyLeafOf(this.recipe);
		return (leaf === undefined ? undefined : byHandle.get(leaf)) ?? this;
	}

	/** The predefined datatype for a code of NumPy's or Python's: `d`, `f8`, `i4`, … */
	static fromcode(code: string): Datatype {
		const name = typeof code === 'string' && Object.hasOwn(namesByCode, code) ? namesByCode[code] : undefined;
		if (name === undefined)
			throw new ArgumentError(`No MPI datatype has the code ${describe(code)}. Codes are those of NumPy: \`f8\`, \`i4\`, \`d\`.`);
		return predefined[name]!;
	}

	#derive(combiner: number, integers: readonly number[], addresses: readonly number[]): Datatype {
		return derive({ combiner, integers, addresses }, [this]);
	}

	/** For recipes: what a part was made from, and the number of a predefined one. */
	static partOf(type: Datatype): DatatypeRecipe | number {
		return type.recipe ?? type.handle;
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

const countRule = { name: 'count', least: 0, errorClass: constants.ERR_COUNT };
const blocklengthRule = { name: 'blocklength', least: 0 };
const blocklengthsRule = { name: 'blocklengths', least: 0 };
const displacementsRule = { name: 'displacements' };

function derive(recipe: Omit<DatatypeRecipe, 'parts'>, from: readonly Datatype[]): Datatype {
	const types = from.map(aliveHandle);
	const { combiner, integers, addresses } = recipe;
	const handle = combiner === constants.COMBINER_DARRAY ? darrayHandle(integers, from[0]!) : typeHandle(combiner, integers, addresses, types);
	return new Datatype({ handle, recipe: { ...recipe, parts: from.map((type) => Datatype.partOf(type)) } });
}

/** Of a new one of the engine's. */
function typeHandle(combiner: number, integers: readonly number[], addresses: readonly number[], types: readonly number[]): number {
	check(engine().typeCreate(combiner, integers, addresses, types));
	return engine().out[0]!;
}

/** Each dimension is the blocks that are owned of it, of elements that are the dimension before. */
function darrayHandle(integers: readonly number[], from: Datatype): number {
	let [inner, stride] = [from.handle, from.extent];
	for (const { size, blocks } of ownedDimensions(shapeOf(integers))) {
		const places = blocks.flatMap(({ start, length }) => Array.from({ length }, (_, i) => (start + i) * stride));
		const owned = typeHandle(constants.COMBINER_HINDEXED_BLOCK, [places.length, 1], places, [inner]);
		stride *= size;
		const whole = typeHandle(constants.COMBINER_RESIZED, [], [0, stride], [owned]);
		check(engine().typeFree(owned));
		if (inner !== from.handle) check(engine().typeFree(inner));
		inner = whole;
	}
	return inner;
}

function remade(part: number | DatatypeRecipe): Datatype {
	if (typeof part === 'number') return byHandle.get(part)!;
	const parts = part.parts.map(remade);
	const type = derive(part, parts);
	for (const inner of parts) inner.free();
	return type;
}
