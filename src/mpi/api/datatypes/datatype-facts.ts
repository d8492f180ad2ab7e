/**
 * What is known of a datatype without asking an engine again: its sizes, names, how it was made. Predefined ones are
 * known altogether; a derived one is asked for its sizes once, when it is made.
 */
import { inspect } from 'node:util';
import { ArgumentError } from '../../../base/errors.ts';
import { aString, checkArgument } from '../../../base/arguments.ts';
import { COMBINER_DUP, ERR_TYPE, UNDEFINED } from '../../constants.ts';
import { NULL_HANDLE, type PredefinedDatatype, predefinedDatatypes } from '../../handles.ts';
import { check, fail } from '../arguments/check.ts';
import { combinerName, type DatatypeRecipe, repeatsOf } from './datatype-recipe.ts';
import { engine } from '../environment/lifecycle.ts';
import { typeCodeOf, typeLetterOf, typeStringOf } from './type-codes.ts';

/** In bytes. */
interface DatatypeSizes {
	readonly size: number;
	readonly lb: number;
	readonly extent: number;
	readonly trueLb: number;
	readonly trueExtent: number;
}

/** What stands behind a datatype: one of these is given to the constructor, by the library. */
export type DatatypeOrigin = { readonly predefined: PredefinedDatatype } | { readonly handle: number; readonly recipe: DatatypeRecipe };

export abstract class DatatypeFacts {
	/** The seam's number of it; 0 when it is none, or freed. */
	handle: number;
	/** What it is, when it is predefined. */
	readonly predefined: PredefinedDatatype | undefined;
	/** How it was made, when it is derived. */
	protected readonly recipe: DatatypeRecipe | undefined;
	protected isReady: boolean;
	readonly #sizes: DatatypeSizes;
	#name: string | undefined;

	constructor(origin?: DatatypeOrigin) {
		this.predefined = origin !== undefined && 'predefined' in origin ? origin.predefined : undefined;
		this.recipe = origin !== undefined && 'recipe' in origin ? origin.recipe : undefined;
		this.handle = origin === undefined ? NULL_HANDLE : 'predefined' in origin ? origin.predefined.handle : origin.handle;
		this.isReady = this.predefined !== undefined;
		this.#sizes = sizesOf(this.handle, this.predefined);
	}

	/** Whether it may be used in communication: predefined, or committed. */
	get isCommitted(): boolean {
		return this.isReady && this.handle !== NULL_HANDLE;
	}

	// Sizes, in bytes

	Get_size(): number {
		return this.size;
	}
	/** Of the data in one element. */
	get size(): number {
		return this.alive().size;
	}
	/** [lower bound, extent]. */
	Get_extent(): [lb: number, extent: number] {
		return [this.lb, this.extent];
	}
	/** From one element to the next. */
	get extent(): number {
		return this.alive().extent;
	}
	get lb(): number {
		return this.alive().lb;
	}
	get ub(): number {
		return this.lb + this.extent;
	}
	/** [lower bound, extent] of the data itself, whatever the bounds were set to. */
	Get_true_extent(): [lb: number, extent: number] {
		return [this.true_lb, this.true_extent];
	}
	get true_extent(): number {
		return this.alive().trueExtent;
	}
	get true_lb(): number {
		return this.alive().trueLb;
	}
	get true_ub(): number {
		return this.true_lb + this.true_extent;
	}

	// Names

	Get_name(): string {
		if (this.#name !== undefined) return this.#name;
		return this.predefined?.mpiName ?? (this.handle === NULL_HANDLE ? 'MPI_DATATYPE_NULL' : '');
	}
	Set_name(name: string): void {
		this.alive();
		checkArgument('`name`', name, aString);
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
	[inspect.custom](): string {
		return `Datatype ${this.Get_name() || (this.recipe && combinerName(this.recipe.combiner).toLowerCase()) || 'freed'}`;
	}

	/** How many predefined elements so many bytes of it are; UNDEFINED where they end inside of one. @internal */
	elementsIn(bytes: number): number {
		const { size } = this.alive();
		const leaves = this.recipe === undefined ? [size] : leafSizes(this.recipe);
		if (size === 0) return bytes === 0 ? 0 : UNDEFINED;
		let rest = bytes % size;
		let elements = ((bytes - rest) / size) * leaves.length;
		for (const leaf of leaves) {
			if (rest === 0) break;
			if (rest < leaf) return UNDEFINED;
			rest -= leaf;
			elements++;
		}
		return elements;
	}

	/** Throws when there is no datatype. */
	protected alive(): DatatypeSizes {
		if (this.handle === NULL_HANDLE) noDatatype();
		return this.#sizes;
	}

	/** Duplicates have the codes of what they are duplicates of. */
	#codeType(): PredefinedDatatype | undefined {
		let recipe: DatatypeRecipe | number | undefined = this.recipe;
		if (recipe === undefined) return this.predefined;
		while (typeof recipe === 'object' && recipe.combiner === COMBINER_DUP) recipe = recipe.parts[0];
		return typeof recipe === 'number' ? predefinedOf(recipe) : undefined;
	}
}

export function noDatatype(): never {
	fail(ERR_TYPE, 'The datatype is DATATYPE_NULL, or was freed.');
}

function predefinedOf(handle: number): PredefinedDatatype {
	return predefinedDatatypes.find((row) => row.handle === handle)!;
}

/** In the order in which they are sent. */
function leafSizes(part: DatatypeRecipe | number): number[] {
	if (typeof part === 'number') return [predefinedOf(part).size];
	const repeats = repeatsOf(part);
	return part.parts.flatMap((inner, i) => {
		const sizes = leafSizes(inner);
		return Array.from({ length: repeats[i]! }, () => sizes).flat();
	});
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
