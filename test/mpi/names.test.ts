/**
 * All names of mpi4py are here, or the page for those who come from it says that they are not
 * (docs/mpi-from-mpi4py.md); and what the page says is true.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MPI } from 'nprocs/mpi';
import { mpi4pyNames } from './helpers/mpi4py-names.js';

/** Objects whose own properties count, too. */
const instances: Readonly<Record<string, object>> = {
	Status: new MPI.Status(),
	Exception: new MPI.Exception(MPI.ERR_OTHER),
	Group: MPI.GROUP_EMPTY,
	Info: MPI.INFO_NULL,
	Pickle: MPI.pickle,
	Op: MPI.SUM,
	Datatype: MPI.INT,
	Errhandler: MPI.ERRORS_RETURN,
	Message: MPI.MESSAGE_NULL,
	Session: MPI.SESSION_NULL,
	Win: MPI.WIN_NULL,
	File: MPI.FILE_NULL,
	Comm: MPI.COMM_NULL,
	Intracomm: MPI.COMM_NULL,
	// What a subclass must have is declared in the class alone
	Topocomm: MPI.COMM_NULL,
};

const page = readFileSync(join(import.meta.dirname, '../../../docs/mpi-from-mpi4py.md'), 'utf8');
const [, section = ''] = page.split('## What there is not\n');
const [absentPart = '', unsupportedPart = ''] = section.split('These are there, and say');

/** In the first cells of a table: names, some behind their class, which holds for what follows in the same quotes. */
function namesIn(part: string): { owner: string | undefined; name: string }[] {
	return part.split('\n').flatMap((line) => {
		const cell = /^\| (`.*?) \|/.exec(line)?.[1] ?? '';
		return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, quoted]) => {
			let owner: string | undefined;
			return quoted!.split(' ').map((word) => {
				const [first, second] = word.split('.');
				if (second !== undefined) owner = first;
				return { owner, name: second ?? first! };
			});
		});
	});
}

function listOf(owner: string): string[] {
	return mpi4pyNames[owner]!.split(/\s+/).filter((name) => name !== '');
}

function isHere(owner: string, name: string): boolean {
	if (owner === 'module') return name in MPI;
	const type = (MPI as unknown as Record<string, { prototype: object } | undefined>)[owner];
	if (type === undefined) return false;
	return name in type || name in type.prototype || name in (instances[owner] ?? {});
}

const absent = namesIn(absentPart);
const isSaidToBeAbsent = (owner: string, name: string): boolean =>
	absent.some((row) => row.name === name && (row.owner === undefined || row.owner === owner)) || absent.some((row) => row.name === owner);

test('each name is here, or the page says that it is not', () => {
	const missing = Object.keys(mpi4pyNames).flatMap((owner) =>
		listOf(owner)
			.filter((name) => !isHere(owner, name) && !isSaidToBeAbsent(owner, name))
			.map((name) => `${owner}.${name}`),
	);
	assert.deepEqual(missing, []);
});

test('what the page says is not here is not', () => {
	assert.ok(absent.length > 30, 'the table was read');
	for (const { owner, name } of absent) {
		const owners = owner === undefined ? Object.keys(mpi4pyNames).filter((each) => listOf(each).includes(name)) : [owner];
		assert.ok(owners.length > 0, `${name} is no name of mpi4py's`);
		for (const each of owners) assert.ok(!isHere(each, name), `${each}.${name}`);
	}
});

test('what the page says cannot be done says so', () => {
	const group = namesIn(unsupportedPart);
	assert.ok(group.length > 10, 'the table was read');
	const self = MPI.COMM_SELF.Dup();
	const session = MPI.Session.Init();
	const holders = [self, MPI.Intracomm, MPI.Win, MPI.WIN_NULL, new MPI.Prequest(() => undefined as never), session, MPI] as unknown as Record<
		string,
		(...args: unknown[]) => unknown
	>[];
	for (const { name } of group) {
		const holder = holders.find((each) => typeof each[name] === 'function');
		assert.ok(holder, `there is no ${name}`);
		assert.throws(
			() => (name === 'Attach_buffer' ? (session as unknown as Record<string, () => unknown>)[name]!() : holder[name]!()),
			(error) => error instanceof MPI.Exception && error.Get_error_class() === MPI.ERR_UNSUPPORTED_OPERATION && error.message.length > 80,
			name,
		);
	}
	session.Finalize();
	self.Free();
});
