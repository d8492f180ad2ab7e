/**
 * Files that the ranks of a communicator open together (MPI-IO). A view says which bytes a rank sees of the file, and
 * what an offset counts.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import * as constants from '../../constants.ts';
import { FILE_INDIVIDUAL, FILE_SHARED } from '../../engine/files.ts';
import { NULL_HANDLE } from '../../handles.ts';
import { usableType } from '../buffers/buffer-spec.ts';
import { check, fail } from '../arguments/check.ts';
import { BYTE } from '../datatypes/predefined.ts';
import { aliveHandle, type Datatype } from '../datatypes/datatype.ts';
import { Get_error_class } from '../environment/environment.ts';
import { Errhandler, type ErrorFunction, ERRORS_RETURN } from '../errors/errhandler.ts';
import { Exception } from '../errors/exception.ts';
import { FileTransfers } from './file-transfers.ts';
import { entriesOf, Info } from '../environment/info.ts';
import { Intracomm } from '../communicators/intracomm.ts';
import { keywordOr, keywordsOr } from '../arguments/keywords.ts';
import { engine } from '../environment/lifecycle.ts';
import { anAddress, anInt } from '../arguments/numbers.ts';

/** mpi4py's keyword arguments. */
export interface OpenOptions {
	/** MPI.MODE_*. @default MPI.MODE_RDONLY */
	readonly amode?: number;
	readonly info?: Info | null;
}

/** mpi4py's keyword arguments of `Set_view()`. */
export interface ViewOptions {
	/** In bytes. @default 0 */
	readonly disp?: number;
	/** @default MPI.BYTE */
	readonly etype?: Datatype | string;
	/** @default as `etype` */
	readonly filetype?: Datatype | string | null;
	/** 'native', 'internal' or 'external32'. @default 'native' */
	readonly datarep?: string;
	readonly info?: Info | null;
}

/** MPI.SEEK_*, or mpi4py's keyword argument. */
type Whence = number | { readonly whence?: number };

interface View {
	readonly disp: number;
	readonly etype: Datatype;
	readonly filetype: Datatype;
	readonly datarep: string;
}

interface FileOrigin {
	readonly handle: number;
	readonly comm: Intracomm;
	readonly amode: number;
	readonly info: Info;
}

const bytesView = { disp: 0, datarep: 'native' };

export class File extends FileTransfers {
	readonly #amode: number;
	#view: View = { ...bytesView, etype: BYTE, filetype: BYTE };
	#isAtomic = false;
	#errhandler: Errhandler = ERRORS_RETURN;

	/** As in mpi4py, a `new File()` of a program's own is a null file; the argument is for the library. */
	constructor(origin?: FileOrigin) {
		super(origin);
		this.#amode = origin?.amode ?? 0;
	}

	/** Collective. `amode`: MPI.MODE_RDONLY, MODE_WRONLY or MODE_RDWR, with MODE_CREATE and the like added. */
	static Open(comm: Intracomm, filename: string, amode: number | OpenOptions = constants.MODE_RDONLY, info: Info | null = null): File {
		const given = keywordsOr<OpenOptions>({
			owner: 'Open()',
			first: amode,
			positional: { amode: amode as number, info },
			defaults: { amode: constants.MODE_RDONLY, info: null },
		});
		const hints = entriesOf(given.info);
		if (!(comm instanceof Intracomm)) throw new ArgumentError(`Expected \`comm\` to be an intracommunicator, got ${describe(comm)}.`);
		const handle = comm.living();
		const name = aFilename(filename);
		const mode = accessMode(given.amode!);
		check(engine().fileOpen(handle, name, mode, hints));
		return new File({ handle: engine().out[0]!, comm, amode: mode, info: Info.Create(hints) });
	}

	static Delete(filename: string, info: Info | { readonly info?: Info | null } | null = null): void {
		check(engine().fileDelete(aFilename(filename), entriesOf(keywordOr<Info | null>('Delete()', 'info', { given: info, byDefault: null }))));
	}

	/** Collective. */
	Close(): void {
		check(engine().fileClose(this.living()), this);
		this.handle = NULL_HANDLE;
	}

	/** As `Close()`, without an error for one that is null or closed. */
	free(): void {
		if (this.handle !== NULL_HANDLE) this.Close();
	}

	/** Collective. In bytes. */
	Set_size(size: number): void {
		check(engine().fileSetSize(this.living(), sizeFrom(size)), this);
	}
	/** Collective: storage for so many bytes is there. */
	Preallocate(size: number): void {
		check(engine().filePreallocate(this.living(), sizeFrom(size)), this);
	}
	/** In bytes. */
	Get_size(): number {
		check(engine().fileGetSize(this.living()), this);
		return engine().out[0]!;
	}
	get size(): number {
		return this.Get_size();
	}

	/** MPI.MODE_*. */
	Get_amode(): number {
		this.living();
		return this.#amode;
	}
	get amode(): number {
		return this.Get_amode();
	}

	/**
	 * Collective: from byte `disp` on, this rank sees the file as elements of `filetype`, one after the other; `etype`
	 * is what offsets count.
	 */
	Set_view(
		disp: number | ViewOptions = 0,
		etype: Datatype | string = BYTE,
		filetype: Datatype | string | null = null,
		datarep = 'native',
		info: Info | null = null,
	): void {
		const given = keywordsOr<ViewOptions>({
			owner: 'Set_view()',
			first: disp,
			positional: { disp: disp as number, etype, filetype, datarep, info },
			defaults: { disp: 0, etype: BYTE, filetype: null, datarep: 'native', info: null },
		});
		const handle = this.living();
		const element = usableType(given.etype, this);
		const whole = given.filetype === null ? element : usableType(given.filetype, this);
		const representation = given.datarep!;
		if (!['native', 'internal', 'external32'].includes(representation)) {
			fail(
				constants.ERR_UNSUPPORTED_DATAREP,
				`There is no data representation ${describe(representation)}: use native, internal or external32.`,
				this,
			);
		}
		const from = anAddress(given.disp, { name: 'disp' });
		if (from < 0 && from !== constants.DISPLACEMENT_CURRENT) fail(constants.ERR_ARG, `\`disp\` is ${from}: it must be no negative number.`, this);
		check(engine().fileSetView(handle, from, element.handle, whole.handle, representation, entriesOf(given.info)), this);
		this.#view = { disp: from, etype: element, filetype: whole, datarep: representation };
	}
	/** [displacement, elementary datatype, file type, data representation]. */
	Get_view(): [disp: number, etype: Datatype, filetype: Datatype, datarep: string] {
		this.living();
		const { disp, etype, filetype, datarep } = this.#view;
		return [disp, etype, filetype, datarep];
	}

	/** Moves this rank's own pointer. `whence`: MPI.SEEK_SET, SEEK_CUR or SEEK_END. */
	Seek(offset: number, whence: Whence = constants.SEEK_SET): void {
		check(engine().fileSeek(this.living(), FILE_INDIVIDUAL, anAddress(offset, { name: 'offset' }), this.#whence('Seek()', whence)), this);
	}
	Get_position(): number {
		check(engine().fileGetPosition(this.living(), FILE_INDIVIDUAL), this);
		return engine().out[0]!;
	}
	/** Collective: moves the pointer that all ranks share. */
	Seek_shared(offset: number, whence: Whence = constants.SEEK_SET): void {
		check(engine().fileSeek(this.living(), FILE_SHARED, anAddress(offset, { name: 'offset' }), this.#whence('Seek_shared()', whence)), this);
	}
	Get_position_shared(): number {
		check(engine().fileGetPosition(this.living(), FILE_SHARED), this);
		return engine().out[0]!;
	}
	/** Where in the file an offset of the view is, in bytes. */
	Get_byte_offset(offset: number): number {
		check(engine().fileGetByteOffset(this.living(), anAddress(offset, { name: 'offset', least: 0 })), this);
		return engine().out[0]!;
	}
	/** From one element to the next in the file, in bytes. */
	Get_type_extent(datatype: Datatype): number {
		check(engine().fileGetTypeExtent(this.living(), aliveHandle(datatype)), this);
		return engine().out[0]!;
	}

	/** Collective: whether accesses of several ranks to the same place happen one after the other. */
	Set_atomicity(flag: boolean): void {
		check(engine().fileSetAtomicity(this.living(), Boolean(flag)), this);
		this.#isAtomic = Boolean(flag);
	}
	Get_atomicity(): boolean {
		this.living();
		return this.#isAtomic;
	}
	get atomicity(): boolean {
		return this.Get_atomicity();
	}
	set atomicity(flag: boolean) {
		this.Set_atomicity(flag);
	}
	/** Collective: what was written is in the file. */
	Sync(): void {
		check(engine().fileSync(this.living()), this);
	}

	/** A handler that calls the function with the file and the error's code, and then lets the error be thrown. */
	static Create_errhandler(errhandler_fn: ErrorFunction<File>): Errhandler {
		return Errhandler.of(errhandler_fn);
	}
	Get_errhandler(): Errhandler {
		return this.#errhandler;
	}
	Set_errhandler(errhandler: Errhandler): void {
		this.#errhandler = Errhandler.checked(errhandler);
	}
	Call_errhandler(errorcode: number): void {
		const code = anInt(errorcode, { name: 'errorcode' });
		this.onError(new Exception(code, { errorClass: Get_error_class(code) }));
	}

	/** @internal For error handlers. */
	get name(): string {
		return 'the file';
	}
	/** @internal */
	living(): number {
		if (this.handle === NULL_HANDLE) fail(constants.ERR_FILE, 'There is no file: it is MPI.FILE_NULL, or was closed.');
		return this.handle;
	}
	/** @internal */
	onError(error: Exception): void {
		this.#errhandler.handle(this, error);
	}

	#whence(owner: string, given: Whence): number {
		const whence = keywordOr<number>(owner, 'whence', { given, byDefault: constants.SEEK_SET });
		if (whence === constants.SEEK_SET || whence === constants.SEEK_CUR || whence === constants.SEEK_END) return whence;
		return fail(constants.ERR_ARG, '`whence` must be MPI.SEEK_SET, MPI.SEEK_CUR or MPI.SEEK_END.', this);
	}
}

/** The null file: its handle is 0. */
export const FILE_NULL: File = new File();

function aFilename(filename: unknown): string {
	if (typeof filename === 'string' && filename !== '' && !filename.includes('\0')) return filename;
	throw new ArgumentError(`Expected \`filename\` to be the path of a file, got ${describe(filename)}.`);
}

function sizeFrom(size: number): number {
	return anAddress(size, { name: 'size', least: 0 });
}

function accessMode(amode: number): number {
	const mode = anInt(amode, { name: 'amode', least: 0, errorClass: constants.ERR_AMODE });
	const { MODE_RDONLY, MODE_WRONLY, MODE_RDWR, MODE_CREATE, MODE_EXCL, MODE_SEQUENTIAL } = constants;
	const ways = [MODE_RDONLY, MODE_WRONLY, MODE_RDWR].filter((way) => mode & way).length;
	if (ways !== 1) fail(constants.ERR_AMODE, 'Just one of MPI.MODE_RDONLY, MODE_WRONLY and MODE_RDWR must be in `amode`.');
	if (mode & MODE_RDONLY && mode & (MODE_CREATE | MODE_EXCL))
		fail(constants.ERR_AMODE, 'MPI.MODE_RDONLY does not go with MODE_CREATE and MODE_EXCL.');
	if (mode & MODE_RDWR && mode & MODE_SEQUENTIAL) fail(constants.ERR_AMODE, 'MPI.MODE_RDWR does not go with MODE_SEQUENTIAL.');
	return mode;
}
