/** Writes what is neither a primitive nor an ordinary array or plain object, by its prototype. */
import { types } from 'node:util';
import { registrationOf, type ClassHooks } from './class-registry.ts';
import { writeArrayBuffer, writeView } from './encode-view.ts';
import type { Encoder } from './encoder.ts';
import * as format from './format.ts';
import { isError, writeDOMException, writeError } from './encode-error.ts';
import { MapStep, serializeStep, SetStep, whyNot } from './refusal.ts';

type Writer = (encoder: Encoder, value: never) => void;

export function writeBuiltin(encoder: Encoder, value: object): void {
	const prototype = Object.getPrototypeOf(value) as object | null;
	const registration = registrationOf(prototype);
	if (registration?.hooks !== undefined) return writeInstance(encoder, value, { name: registration.name, hooks: registration.hooks });
	if (prototype === null) return writeNullPrototype(encoder, value);
	if (isError(value)) return writeError(encoder, value);
	const writer = (writers ??= makeWriters()).get(prototype) ?? foreignWriter(value, prototype);
	if (writer === undefined) encoder.refuse(whyNot(value));
	writer(encoder, value as never);
}

function writeInstance(encoder: Encoder, value: object, { name, hooks }: { name: string; hooks: ClassHooks<object> }): void {
	encoder.instance(value, name, () => {
		encoder.part(serializeStep, hooks.serialize(value));
	});
}

function writeNullPrototype(encoder: Encoder, value: object): void {
	if (types.isModuleNamespaceObject(value) || types.isExternal(value)) encoder.refuse(whyNot(value));
	if (encoder.defer(format.NULL_PROTOTYPE, value)) return;
	encoder.byte(format.NULL_PROTOTYPE);
	encoder.plain(value as Record<string, unknown>);
}

let writers: Map<object, Writer> | undefined;

function makeWriters(): Map<object, Writer> {
	const entries: Array<readonly [{ prototype: unknown } | undefined, Writer]> = [
		[Map, writeMap],
		[Set, writeSet],
		[Date, writeDate],
		[RegExp, writeRegExp],
		[Number, writeBoxed],
		[String, writeBoxed],
		[Boolean, writeBoxed],
		[BigInt, writeBoxed],
		[ArrayBuffer, writeArrayBuffer],
		[URL, writeURL],
		[URLSearchParams, writeURLSearchParams],
		[DOMException, writeDOMException],
	];
	for (const kind of format.viewKinds) entries.push([(globalThis as unknown as Record<string, { prototype: unknown }>)[kind], writeView]);
	return new Map(entries.flatMap(([Class, writer]) => (Class === undefined ? [] : [[Class.prototype as object, writer]])));
}

/** A built-in of another realm (`node:vm`, a test runner's sandbox) counts as the one here of the same name. */
function foreignWriter(value: object, prototype: object): Writer | undefined {
	const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
	if (typeof constructor !== 'function' || !/\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor))) return undefined;
	if (constructor.prototype !== prototype) return undefined;
	if (Array.isArray(value)) return constructor.name === 'Array' ? (encoder, array: unknown[]) => encoder.array(array) : undefined;
	if (constructor.name === 'Object') {
		return Object.getPrototypeOf(prototype) === null ? (encoder, object: Record<string, unknown>) => encoder.plain(object) : undefined;
	}
	const here = (globalThis as unknown as Record<string, { prototype?: object } | undefined>)[constructor.name];
	return here?.prototype === undefined ? undefined : writers?.get(here.prototype);
}

/** The content of a Map or Set whose place was written before. */
export function writeCollection(encoder: Encoder, collection: object): void {
	if (types.isMap(collection)) writeMapEntries(encoder, collection);
	else writeSetValues(encoder, collection as Set<unknown>);
}

function writeMap(encoder: Encoder, map: Map<unknown, unknown>): void {
	if (!types.isMap(map)) encoder.refuse(whyNot(map));
	if (!encoder.defer(format.MAP, map)) writeMapEntries(encoder, map);
}

/** The count is known at the end only: reading a getter in an entry may change the Map. */
function writeMapEntries(encoder: Encoder, map: ReadonlyMap<unknown, unknown>): void {
	encoder.byte(format.MAP);
	const at = encoder.pos;
	encoder.int32(0);
	const step = new MapStep();
	const depth = encoder.depth++;
	for (const [key, value] of map) {
		step.key = key;
		step.isKey = true;
		encoder.path[depth] = step;
		encoder.write(key);
		step.isKey = false;
		encoder.write(value);
		step.index++;
	}
	step.key = undefined;
	encoder.depth = depth;
	encoder.patchUint32(at, step.index);
}

function writeSet(encoder: Encoder, set: Set<unknown>): void {
	if (!types.isSet(set)) encoder.refuse(whyNot(set));
	if (!encoder.defer(format.SET, set)) writeSetValues(encoder, set);
}

function writeSetValues(encoder: Encoder, set: ReadonlySet<unknown>): void {
	encoder.byte(format.SET);
	const at = encoder.pos;
	encoder.int32(0);
	const step = new SetStep();
	const depth = encoder.depth++;
	encoder.path[depth] = step;
	for (const value of set) {
		encoder.write(value);
		step.index++;
	}
	encoder.depth = depth;
	encoder.patchUint32(at, step.index);
}

function writeDate(encoder: Encoder, date: Date): void {
	if (!types.isDate(date)) encoder.refuse(whyNot(date));
	encoder.byte(format.DATE);
	encoder.float64(date.getTime());
}

function writeRegExp(encoder: Encoder, regexp: RegExp): void {
	if (!types.isRegExp(regexp)) encoder.refuse(whyNot(regexp));
	encoder.byte(format.REGEXP);
	encoder.text(regexp.source);
	encoder.text(regexp.flags);
}

function writeBoxed(encoder: Encoder, boxed: object): void {
	if (!types.isBoxedPrimitive(boxed)) encoder.refuse(whyNot(boxed));
	encoder.byte(format.BOXED);
	encoder.write(unboxed(boxed));
}

function unboxed(boxed: object): unknown {
	if (types.isNumberObject(boxed)) return Number.prototype.valueOf.call(boxed);
	if (types.isStringObject(boxed)) return String.prototype.valueOf.call(boxed);
	if (types.isBooleanObject(boxed)) return Boolean.prototype.valueOf.call(boxed);
	return BigInt.prototype.valueOf.call(boxed);
}

function writeURL(encoder: Encoder, url: URL): void {
	encoder.byte(format.URL_VALUE);
	encoder.text(url.href);
}

function writeURLSearchParams(encoder: Encoder, params: URLSearchParams): void {
	encoder.byte(format.URL_SEARCH_PARAMS);
	encoder.text(params.toString());
}
