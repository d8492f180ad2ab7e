/** The process in which a manager's server runs: how it is started, what it does, how it ends. */
import { ProcessError } from '../base/errors.ts';
import { decode } from '../codec/decode.ts';
import { encodeThrown } from '../codec/encode.ts';
import { addLocalStack } from '../codec/remote-error.ts';
import type { Address } from '../connection/socket/address.ts';
import type { Connection } from '../connection/connection.ts';
import { Pipe } from '../connection/pipe.ts';
import type { ProcessOptions } from '../process/options.ts';
import { Process } from '../process/process.ts';
import { getAllStartMethods, getStartMethod } from '../process/start/method.ts';
import { Factories, packDefinitions, type Definition, type SentDefinition } from './factories.ts';
import { isPacked, limitImports, packFunction, unpackFunction, type AnyFunction, type PackedFunction } from './functions.ts';
import { Server } from './server.ts';

export interface ServerProcessOptions {
	/** Of the manager's class; the process is called so, and numbered. */
	readonly name: string;
	readonly address: Address;
	readonly authkey: Uint8Array;
	readonly context: ProcessOptions['context'];
	readonly definitions: readonly Definition[];
	/** Whether it makes the objects of a SyncManager. */
	readonly isSync: boolean;
	readonly initializer: AnyFunction | undefined;
	readonly initargs: readonly unknown[];
}

/** As the process gets it. */
interface ServerSettings {
	readonly address: Address;
	readonly authkey: Uint8Array;
	readonly definitions: readonly SentDefinition[];
	readonly isSync: boolean;
	/** Whether this process is a copy of its owner's. */
	readonly isCopied: boolean;
	readonly initializer: PackedFunction | AnyFunction | undefined;
	readonly initargs: readonly unknown[];
}

/** What it says when it is ready, or cannot be. */
type Report = { readonly address: Address } | { readonly thrown: Uint8Array };

export interface StartedServer {
	readonly process: Process;
	readonly ready: Connection<Report>;
}

/** It is a daemon: it ends with the process that has started it, however that ends. */
export function startServerProcess(options: ServerProcessOptions): StartedServer {
	const { address, authkey, context, isSync, initializer, initargs, definitions, name } = options;
	const method = typeof context === 'string' ? context : (context?.method ?? getStartMethod());
	// A copy of this process has its functions and their state. One who needs neither is better off with modules that
	// can be imported to their ends.
	const isCopied = method === 'fork' && (initializer !== undefined || definitions.some(({ factory }) => factory !== undefined));
	const other = method === 'fork' && !isCopied ? getAllStartMethods().find((one) => one !== 'fork') : undefined;
	const settings: ServerSettings = {
		address,
		authkey,
		definitions: packDefinitions(definitions, { isCopied }),
		isSync,
		isCopied,
		initializer: initializer === undefined || isCopied ? initializer : packFunction(initializer, 'initializer'),
		initargs,
	};
	const [ready, report] = Pipe<Report>({ duplex: false });
	const child = new Process({ target: itself, args: [settings, report], daemon: true, context: other ?? context });
	child.name = child.name.replace(/^Process/, name);
	try {
		child.start();
	} catch (error) {
		ready.close();
		throw error;
	} finally {
		report.close();
	}
	return { process: child as unknown as Process, ready };
}

/** The address at which it serves. Throws what it has thrown instead, or says that it has ended. */
export async function addressOf({ process: child, ready }: StartedServer): Promise<Address> {
	let report: Report;
	try {
		report = await ready.recv();
	} catch (cause) {
		await child.join();
		throw new ProcessError(`The manager's server has ended before it was ready (exit code ${child.exitCode}).`, { cause });
	} finally {
		ready.close();
	}
	if ('address' in report) return report.address;
	await child.join();
	const error = decode(report.thrown);
	addLocalStack(error, `the manager's server ${child.name}`);
	throw error;
}

/** Named, since to find the export of a function of ours, all of the library's code would have to be read. */
const itself = { module: new URL('./server-process.js', import.meta.url), name: 'serve' };

/** What the process does. */
export async function serve(settings: ServerSettings, report: Connection<Report>): Promise<void> {
	// Ctrl-C at a terminal goes to all of the program's processes; the owner decides what becomes of its manager, and
	// this one ends with it.
	process.on('SIGINT', () => {});
	if (settings.isCopied) limitImports();
	let server: Server;
	try {
		server = await prepare(settings);
	} catch (error) {
		await report.send({ thrown: encodeThrown(error).bytes });
		process.exit(1);
	}
	await report.send({ address: server.address });
	report.close();
	await server.closed();
	process.exit(0);
}

async function prepare({ address, authkey, definitions, isSync, initializer, initargs }: ServerSettings): Promise<Server> {
	const factories = await Factories.from(definitions, { isSync });
	const begin = isPacked(initializer) ? await unpackFunction(initializer) : initializer;
	await (begin as ((...args: unknown[]) => unknown) | undefined)?.(...initargs);
	return new Server({ address, authkey, factories }).open();
}
