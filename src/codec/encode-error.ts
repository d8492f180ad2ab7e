/** Writes errors; remote-error.ts says what they are on the other side. */
import { types } from 'node:util';
import type { Encoder } from './encoder.ts';
import { DOM_EXCEPTION, ERROR } from './format.ts';
import { className as nameOfClass } from './refusal.ts';
import { errorClassOf, hiddenFields } from './remote-error.ts';

/** DOMException is an Error in some versions of Node only, and travels by itself. */
export function isError(value: object): value is Error {
	return (types.isNativeError(value) || value instanceof Error) && !(value instanceof DOMException);
}

export function writeError(encoder: Encoder, error: Error): void {
	const { className, isExact } = errorClassOf(error);
	const fields = fieldsOf(error);
	const name = isExact ? undefined : fullName(error, className);
	if (name !== undefined) fields.set('name', { value: name, isEnumerable: fields.get('name')?.isEnumerable ?? false });
	encoder.byte(ERROR);
	encoder.text(className);
	writeFields(encoder, fields);
}

function writeFields(encoder: Encoder, fields: Map<string, Field>): void {
	if (encoder.isLenientWithErrors) leaveOutUnsendable(encoder, fields);
	encoder.varint(fields.size);
	for (const [key, { value, isEnumerable }] of fields) {
		encoder.byte(isEnumerable ? 1 : 0);
		encoder.text(key);
		encoder.part(key, value);
	}
}

interface Field {
	value: unknown;
	readonly isEnumerable: boolean;
}

function fieldsOf(error: Error): Map<string, Field> {
	const fields = new Map<string, Field>();
	for (const key of hiddenFields) {
		if (!Object.hasOwn(error, key)) continue;
		const value = error[key as keyof Error];
		// `Error.prepareStackTrace` may make anything of a stack.
		if (key === 'stack' && typeof value !== 'string') continue;
		fields.set(key, { value, isEnumerable: Object.prototype.propertyIsEnumerable.call(error, key) });
	}
	for (const key of Object.keys(error)) {
		if (!fields.has(key) && key !== 'stack') fields.set(key, { value: (error as unknown as Record<string, unknown>)[key], isEnumerable: true });
	}
	return fields;
}

/**
 * The name to give to an error whose very class does not cross: its own, unless that is only what an ancestor calls
 * itself.
 */
function fullName(error: Error, sentAs: string): string | undefined {
	const { name } = error;
	const isInherited = typeof name !== 'string' || name === 'Error' || name === sentAs.replace('#', '');
	return isInherited ? (nameOfClass(error) ?? name) : name;
}

/** An error that is reported must not be lost because somebody hung a socket on it. */
function leaveOutUnsendable(encoder: Encoder, fields: Map<string, Field>): void {
	for (const [key, field] of fields) {
		if (isErrorValue(field.value) || encoder.canSend(field.value)) continue;
		if (Array.isArray(field.value)) field.value = field.value.filter((item) => isErrorValue(item) || encoder.canSend(item));
		else fields.delete(key);
	}
}

function isErrorValue(value: unknown): boolean {
	return typeof value === 'object' && value !== null && !types.isProxy(value) && isError(value);
}

export function writeDOMException(encoder: Encoder, exception: DOMException): void {
	encoder.byte(DOM_EXCEPTION);
	encoder.text(exception.name);
	encoder.text(exception.message);
	encoder.text(typeof exception.stack === 'string' ? exception.stack : `${exception.name}: ${exception.message}`);
	const fields = fieldsOf(exception);
	for (const key of ['name', 'message', 'stack', 'code']) fields.delete(key);
	writeFields(encoder, fields);
}
