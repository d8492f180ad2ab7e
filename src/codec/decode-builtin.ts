/**
 * Reads what is neither a primitive nor an ordinary container. Mirrors encode-builtin.ts, encode-view.ts and
 * encode-error.ts.
 */
import { SerializationError } from '../base/errors.ts';
import type { ArrivedBuffer } from './buffer-table.ts';
import { registrationNamed } from './class-registry.ts';
import type { Decoder } from './decoder.ts';
import * as format from './format.ts';
import { openHandle } from './handle.ts';
import { completeError, emptyError } from './remote-error.ts';

export function readBuiltin(decoder: Decoder, tag: number): unknown {
	const read = readers[tag];
	if (read === undefined) decoder.fail(`0x${tag.toString(16)} is no tag`);
	return read(decoder);
}

const readers: Readonly<Record<number, (decoder: Decoder) => unknown>> = {
	[format.BIGINT64]: (decoder) => decoder.bigint64(),
	[format.BIGINT_HEX]: readBigInt,
	[format.DATE]: (decoder) => decoder.add(new Date(decoder.float64())),
	[format.REGEXP]: readRegExp,
	[format.BOXED]: readBoxed,
	[format.ARRAY_BUFFER]: readArrayBuffer,
	[format.VIEW]: readView,
	[format.ERROR]: readError,
	[format.DOM_EXCEPTION]: readDOMException,
	[format.INSTANCE]: readInstance,
	[format.HANDLE]: readHandle,
	[format.FLUSH]: readFlushed,
	[format.URL_VALUE]: (decoder) => decoder.add(new URL(decoder.text())),
	[format.URL_SEARCH_PARAMS]: (decoder) => decoder.add(new URLSearchParams(decoder.text())),
};

function readBigInt(decoder: Decoder): bigint {
	const text = decoder.text();
	if (!/^-?[0-9a-f]+$/.test(text)) decoder.fail('a bigint has wrong digits');
	return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

function readRegExp(decoder: Decoder): RegExp {
	const number = decoder.reserve();
	const source = decoder.text();
	return decoder.settle(number, new RegExp(source, decoder.text()));
}

function readBoxed(decoder: Decoder): object {
	const number = decoder.reserve();
	const value = decoder.value();
	if (value === null || value === undefined || typeof value === 'object') decoder.fail('a boxed primitive is none');
	return decoder.settle(number, Object(value) as object);
}

function arrived(decoder: Decoder): ArrivedBuffer {
	return decoder.buffers[decoder.varint()] ?? decoder.fail('it refers to a buffer that does not exist');
}

function readArrayBuffer(decoder: Decoder): ArrayBuffer {
	const { buffer, size } = arrived(decoder);
	if (buffer.byteLength !== size) decoder.fail('a buffer beside the message is longer than what was sent');
	return decoder.add(buffer);
}

type ViewClass = new (buffer: ArrayBuffer, byteOffset: number, length?: number) => ArrayBufferView;

function readView(decoder: Decoder): ArrayBufferView {
	const kind = decoder.byte();
	const { buffer, low } = arrived(decoder);
	const byteOffset = decoder.varint() - low;
	const length = decoder.varint();
	const name = format.viewKinds[kind & ~format.TRACKS_LENGTH] ?? decoder.fail('a view is of no known kind');
	if (byteOffset < 0) decoder.fail('a view starts before its buffer');
	if (name === 'Buffer') return decoder.add(Buffer.from(buffer, byteOffset, length));
	const Class = (globalThis as unknown as Record<string, ViewClass | undefined>)[name];
	if (Class === undefined) {
		throw new SerializationError(`Cannot decode a ${name}: Node ${process.version} does not have it.`, '', { code: 'ERR_NPROCS_UNKNOWN_CLASS' });
	}
	return decoder.add((kind & format.TRACKS_LENGTH) === 0 ? new Class(buffer, byteOffset, length) : new Class(buffer, byteOffset));
}

function readError(decoder: Decoder): Error {
	const number = decoder.reserve();
	const error = decoder.settle(number, emptyError(decoder.text()));
	readFields(decoder, error);
	completeError(error);
	return error;
}

function readFields(decoder: Decoder, error: Error): void {
	const count = decoder.count(3);
	for (let i = 0; i < count; i++) {
		const isEnumerable = decoder.byte() === 1;
		const key = decoder.text();
		Object.defineProperty(error, key, { value: decoder.value(), enumerable: isEnumerable, writable: true, configurable: true });
	}
}

function readDOMException(decoder: Decoder): DOMException {
	const number = decoder.reserve();
	const name = decoder.text();
	const exception = decoder.settle(number, new DOMException(decoder.text(), name));
	Object.defineProperty(exception, 'stack', { value: decoder.text(), writable: true, configurable: true });
	readFields(decoder, exception);
	return exception;
}

function readInstance(decoder: Decoder): unknown {
	const number = decoder.reserve();
	const name = decoder.text();
	const data = decoder.value();
	const hooks = registrationNamed(name)?.hooks;
	if (hooks === undefined) {
		throw new SerializationError(
			`An instance of '${name}' has arrived, and this process has not registered a class of this name. Call registerClass(${name}, …) in a module that both processes import, the one that defines the class at best.`,
			'',
			{ code: 'ERR_NPROCS_UNKNOWN_CLASS' },
		);
	}
	try {
		return decoder.settle(number, hooks.deserialize(data));
	} catch (cause) {
		throw new SerializationError(`deserialize() of the class '${name}' failed: ${cause instanceof Error ? cause.message : String(cause)}`, '', {
			cause,
		});
	}
}

function readFlushed(decoder: Decoder): unknown {
	decoder.readDeferred();
	return decoder.value();
}

function readHandle(decoder: Decoder): unknown {
	const number = decoder.reserve();
	const kind = decoder.text();
	const data = decoder.value();
	const segments = decoder.value();
	if (!Array.isArray(segments) || !segments.every((segment) => typeof segment === 'string')) decoder.fail('a handle has no segments');
	try {
		return decoder.settle(number, openHandle({ kind, data, segments }));
	} catch (error) {
		decoder.thrown = { error };
		throw error;
	}
}
