/**
 * Reading and writing of files that ranks have opened together: at an offset, at the rank's own pointer, at the pointer
 * that all share. `…_all` and `…_ordered` are collective, methods with an `I` give requests. Offsets count elements of
 * the view's elementary datatype.
 */
import { ERR_ARG, ERR_IO } from '../../constants.ts';
import { FILE_AT_OFFSET, FILE_INDIVIDUAL, FILE_SHARED } from '../../engine/files.ts';
import { BufferSpec, type BufSpec } from '../buffers/buffer-spec.ts';
import { check, fail } from '../arguments/check.ts';
import { OfRanks } from '../communicators/of-ranks.ts';
import { engine } from '../environment/lifecycle.ts';
import { anAddress } from '../arguments/numbers.ts';
import { needed } from '../arguments/needed.ts';
import { type Request, type StatusArgument, statusOf } from '../requests/request.ts';
import { started } from '../requests/started.ts';
import { copyStatus, Status, takeStatus } from '../requests/status.ts';

interface Transfer {
	readonly place: number;
	readonly offset?: number;
	readonly isCollective?: boolean;
}

export abstract class FileTransfers extends OfRanks {
	/** A split collective that was begun. */
	#split: { readonly name: string; readonly code: number; readonly status: Status } | undefined;

	Read_at(offset: number, buf: BufSpec, status?: StatusArgument): void {
		this.#read(buf, status, { place: FILE_AT_OFFSET, offset });
	}
	Read_at_all(offset: number, buf: BufSpec, status?: StatusArgument): void {
		this.#read(buf, status, { place: FILE_AT_OFFSET, offset, isCollective: true });
	}
	Write_at(offset: number, buf: BufSpec, status?: StatusArgument): void {
		this.#write(buf, status, { place: FILE_AT_OFFSET, offset });
	}
	Write_at_all(offset: number, buf: BufSpec, status?: StatusArgument): void {
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

	Read(buf: BufSpec, status?: StatusArgument): void {
		this.#read(buf, status, { place: FILE_INDIVIDUAL });
	}
	Read_all(buf: BufSpec, status?: StatusArgument): void {
		this.#read(buf, status, { place: FILE_INDIVIDUAL, isCollective: true });
	}
	Write(buf: BufSpec, status?: StatusArgument): void {
		this.#write(buf, status, { place: FILE_INDIVIDUAL });
	}
	Write_all(buf: BufSpec, status?: StatusArgument): void {
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

	Read_shared(buf: BufSpec, status?: StatusArgument): void {
		this.#read(buf, status, { place: FILE_SHARED });
	}
	Write_shared(buf: BufSpec, status?: StatusArgument): void {
		this.#write(buf, status, { place: FILE_SHARED });
	}
	Iread_shared(buf: BufSpec): Request {
		return this.#iread(buf, { place: FILE_SHARED });
	}
	Iwrite_shared(buf: BufSpec): Request {
		return this.#iwrite(buf, { place: FILE_SHARED });
	}
	/** One rank after the other, in their order. */
	Read_ordered(buf: BufSpec, status?: StatusArgument): void {
		this.#read(buf, status, { place: FILE_SHARED, isCollective: true });
	}
	/** One rank after the other, in their order. */
	Write_ordered(buf: BufSpec, status?: StatusArgument): void {
		this.#write(buf, status, { place: FILE_SHARED, isCollective: true });
	}

	// Split collectives: what is begun may be complete at once, and another can be begun when it was ended

	Read_at_all_begin(offset: number, buf: BufSpec): void {
		this.#begin('Read_at_all', () => this.#readNow(buf, { place: FILE_AT_OFFSET, offset, isCollective: true }));
	}
	Read_at_all_end(_buf: BufSpec, status?: StatusArgument): void {
		this.#end('Read_at_all', status);
	}
	Read_all_begin(buf: BufSpec): void {
		this.#begin('Read_all', () => this.#readNow(buf, { place: FILE_INDIVIDUAL, isCollective: true }));
	}
	Read_all_end(_buf: BufSpec, status?: StatusArgument): void {
		this.#end('Read_all', status);
	}
	Read_ordered_begin(buf: BufSpec): void {
		this.#begin('Read_ordered', () => this.#readNow(buf, { place: FILE_SHARED, isCollective: true }));
	}
	Read_ordered_end(_buf: BufSpec, status?: StatusArgument): void {
		this.#end('Read_ordered', status);
	}
	Write_at_all_begin(offset: number, buf: BufSpec): void {
		this.#begin('Write_at_all', () => this.#writeNow(buf, { place: FILE_AT_OFFSET, offset, isCollective: true }));
	}
	Write_at_all_end(_buf: BufSpec, status?: StatusArgument): void {
		this.#end('Write_at_all', status);
	}
	Write_all_begin(buf: BufSpec): void {
		this.#begin('Write_all', () => this.#writeNow(buf, { place: FILE_INDIVIDUAL, isCollective: true }));
	}
	Write_all_end(_buf: BufSpec, status?: StatusArgument): void {
		this.#end('Write_all', status);
	}
	Write_ordered_begin(buf: BufSpec): void {
		this.#begin('Write_ordered', () => this.#writeNow(buf, { place: FILE_SHARED, isCollective: true }));
	}
	Write_ordered_end(_buf: BufSpec, status?: StatusArgument): void {
		this.#end('Write_ordered', status);
	}

	#read(buf: unknown, status: StatusArgument | undefined, transfer: Transfer): void {
		const target = statusOf(status);
		const code = this.#readNow(buf, transfer);
		if (target !== undefined) takeStatus(target);
		check(code, this);
	}

	#readNow(buf: unknown, { place, offset, isCollective = false }: Transfer): number {
		const { view, count, type } = new BufferSpec().read(needed(buf, 'buf', this), this);
		return engine().fileRead(this.living(), place, anOffset(offset), isCollective, view, count, type);
	}

	#write(buf: unknown, status: StatusArgument | undefined, transfer: Transfer): void {
		const target = statusOf(status);
		const code = this.#writeNow(buf, transfer);
		if (target !== undefined) takeStatus(target);
		check(code, this);
	}

	#writeNow(buf: unknown, { place, offset, isCollective = false }: Transfer): number {
		const { view, count, type } = new BufferSpec().read(needed(buf, 'buf', this), this);
		return engine().fileWrite(this.living(), place, anOffset(offset), isCollective, view, count, type);
	}

	/** MPI leaves it open when the work is done. */
	#begin(name: string, action: () => number): void {
		this.living();
		if (this.#split !== undefined)
			fail(
				ERR_IO,
				`${name}_begin() while ${this.#split.name} is under way: call ${this.#split.name}_end() before. A file has one at a time.`,
				this,
			);
		const code = action();
		const status = new Status();
		takeStatus(status);
		this.#split = { name, code, status };
	}

	#end(name: string, status: StatusArgument | undefined): void {
		this.living();
		const target = statusOf(status);
		const split = this.#split;
		if (split?.name !== name) {
			const why = split === undefined ? 'nothing was begun' : `${split.name}_begin() was called`;
			return fail(ERR_IO, `${name}_end() without ${name}_begin(): ${why}.`, this);
		}
		this.#split = undefined;
		if (target !== undefined) copyStatus(split.status, target);
		check(split.code, this);
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
