/**
 * Reading and writing of files that ranks have opened together: at an offset, at the rank's own pointer, at the pointer that all share. `…_all` and `…_ordered` are
 * collective, methods with an `I` give requests. Offsets count elements of the view's elementary datatype.
 */
import { ERR_ARG } from '../../constants.ts';
import { FILE_AT_OFFSET, FILE_INDIVIDUAL, FILE_SHARED } from '../../engine/files.ts';
import { BufferSpec, type BufSpec } from '../buffers/buffer-spec.ts';
import { check, type ErrorOwner } from '../arguments/check.ts';
import type { Exception } from '../errors/exception.ts';
import { engine } from '../environment/lifecycle.ts';
import { anAddress } from '../arguments/numbers.ts';
import { needed } from '../arguments/needed.ts';
import type { Request } from '../requests/request.ts';
import { started } from '../requests/started.ts';
import { type Status, takeStatus } from '../requests/status.ts';

type Filled = Status | null;

interface Transfer {
	readonly place: number;
	readonly offset?: number;
	readonly isCollective?: boolean;
}

export abstract class FileTransfers implements ErrorOwner {
	/** @internal Throws when there is no file. */
	abstract living(): number;
	/** @internal */
	abstract onError(error: Exception): void;

	Read_at(offset: number, buf: BufSpec, status: Filled = null): void {
		this.#read(buf, status, { place: FILE_AT_OFFSET, offset });
	}
	Read_at_all(offset: number, buf: BufSpec, status: Filled = null): void {
		this.#read(buf, status, { place: FILE_AT_OFFSET, offset, isCollective: true });
	}
	Write_at(offset: number, buf: BufSpec, status: Filled = null): void {
		this.#write(buf, status, { place: FILE_AT_OFFSET, offset });
	}
	Write_at_all(offset: number, buf: BufSpec, status: Filled = null): void {
		this.#write(buf, status, { place: FILE_AT_OFFSET, offset, isCollective: true });
	}
	Iread_at(offset: number, buf: BufSpec): Request {
		return this.#iread(buf, { place: FILE_AT_OFFSET, offset });
	}
	Iread_at_all(offset: number, buf: BufSpec): Request {
		return this.#iread(buf, { place: FILE_AT_OFFSET, offset, isCollective: true });
	}
	Iwrite_at(offset: number, buf: BufSpec): Request {
		return this.#iwrite(buf, { place: FILE_AT_OFFSET, offset });
	}
	Iwrite_at_all(offset: number, buf: BufSpec): Request {
		return this.#iwrite(buf, { place: FILE_AT_OFFSET, offset, isCollective: true });
	}

	Read(buf: BufSpec, status: Filled = null): void {
		this.#read(buf, status, { place: FILE_INDIVIDUAL });
	}
	Read_all(buf: BufSpec, status: Filled = null): void {
		this.#read(buf, status, { place: FILE_INDIVIDUAL, isCollective: true });
	}
	Write(buf: BufSpec, status: Filled = null): void {
		this.#write(buf, status, { place: FILE_INDIVIDUAL });
	}
	Write_all(buf: BufSpec, status: Filled = null): void {
		this.#write(buf, status, { place: FILE_INDIVIDUAL, isCollective: true });
	}
	Iread(buf: BufSpec): Request {
		return this.#iread(buf, { place: FILE_INDIVIDUAL });
	}
	Iread_all(buf: BufSpec): Request {
		return this.#iread(buf, { place: FILE_INDIVIDUAL, isCollective: true });
	}
	Iwrite(buf: BufSpec): Request {
		return this.#iwrite(buf, { place: FILE_INDIVIDUAL });
	}
	Iwrite_all(buf: BufSpec): Request {
		return this.#iwrite(buf, { place: FILE_INDIVIDUAL, isCollective: true });
	}

	Read_shared(buf: BufSpec, status: Filled = null): void {
		this.#read(buf, status, { place: FILE_SHARED });
	}
	Write_shared(buf: BufSpec, status: Filled = null): void {
		this.#write(buf, status, { place: FILE_SHARED });
	}
	Iread_shared(buf: BufSpec): Request {
		return this.#iread(buf, { place: FILE_SHARED });
	}
	Iwrite_shared(buf: BufSpec): Request {
		return this.#iwrite(buf, { place: FILE_SHARED });
	}
	/** One rank after the other, in their order. */
	Read_ordered(buf: BufSpec, status: Filled = null): void {
		this.#read(buf, status, { place: FILE_SHARED, isCollective: true });
	}
	/** One rank after the other, in their order. */
	Write_ordered(buf: BufSpec, status: Filled = null): void {
		this.#write(buf, status, { place: FILE_SHARED, isCollective: true });
	}

	#read(buf: unknown, status: Filled, { place, offset, isCollective = false }: Transfer): void {
		const { view, count, type } = new BufferSpec().read(needed(buf, 'buf', this), this);
		const code = engine().fileRead(this.living(), place, anOffset(offset), isCollective, view, count, type);
		if (status !== null) takeStatus(status);
		check(code, this);
	}

	#write(buf: unknown, status: Filled, { place, offset, isCollective = false }: Transfer): void {
		const { view, count, type } = new BufferSpec().read(needed(buf, 'buf', this), this);
		const code = engine().fileWrite(this.living(), place, anOffset(offset), isCollective, view, count, type);
		if (status !== null) takeStatus(status);
		check(code, this);
	}

	#iread(buf: unknown, { place, offset, isCollective = false }: Transfer): Request {
		const { view, count, type } = new BufferSpec().read(needed(buf, 'buf', this), this);
		return started(engine().fileIread(this.living(), place, anOffset(offset), isCollective, view, count, type), this);
	}

	#iwrite(buf: unknown, { place, offset, isCollective = false }: Transfer): Request {
		const { view, count, type } = new BufferSpec().read(needed(buf, 'buf', this), this);
		return started(engine().fileIwrite(this.living(), place, anOffset(offset), isCollective, view, count, type), this);
	}
}

function anOffset(offset: number | undefined): number {
	return offset === undefined ? 0 : anAddress(offset, { name: 'offset', least: 0, errorClass: ERR_ARG });
}
