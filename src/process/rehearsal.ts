/**
 * Does once what every child will do, so that V8 has compiled it and the linker has bound it: forked processes inherit that.
 * In a forked process, it also makes the pages that will be written to its own.
 */
import { encode } from '../codec/encode.ts';
import { addon } from '../native/addon.ts';
import { rehearseChild } from './child-run.ts';
import { setRole } from './role.ts';
import { readRequest, writeRequest } from './start-request.ts';

export async function rehearse(): Promise<void> {
	const pair = addon().socketPair(false);
	if (typeof pair === 'number') return;
	const target = { url: 'data:text/javascript,export function rehearsal() {}', path: ['rehearsal'] };
	const place = { name: 'Process-1', daemon: false, identity: [1], parent: { pid: process.pid, name: 'MainProcess' }, target };
	const surroundings = {
		cwd: process.cwd(),
		umask: process.umask(),
		env: { set: {}, unset: [] },
		argv: process.argv,
		execArgv: process.execArgv,
		preload: [],
		stdio: 'inherit' as const,
		tickets: [],
		opens: [],
	};
	const values = { args: [1, 'text', { nested: [true, 0.5, null, undefined, new Map()] }, new Uint8Array(8)], fields: {}, captured: {} };
	const { request, values: encoded } = readRequest(writeRequest({ id: 0, ...place, ...surroundings }, encode(values).bytes));
	await rehearseChild(request, encoded, pair[1]);
	setRole('zygote');
	for (const fd of pair) addon().closeFd(fd);
}
