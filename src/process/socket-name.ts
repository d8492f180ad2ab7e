/** What a user knows a socket by. */
import { readFileSync } from 'node:fs';

/** `name` as /proc/PID/fd says it: `socket:[inode]` or `pipe:[inode]`. */
export function socketName(name: string): string {
	if (!name.startsWith('socket:')) return 'an open pipe';
	const inode = name.slice('socket:['.length, -1);
	for (const table of ['tcp', 'tcp6']) {
		const fields = rowOf(table, 9, inode);
		if (fields === undefined) continue;
		const [, local = '', remote = '', state] = fields;
		return state === listening ? `a server that listens on ${address(local)}` : `an open connection to ${address(remote)}`;
	}
	const path = rowOf('unix', 6, inode)?.[7];
	return path === undefined ? 'an open socket' : `an open socket (${path})`;
}

const listening = '0A';

function rowOf(table: string, column: number, inode: string): string[] | undefined {
	try {
		const rows = readFileSync(`/proc/self/net/${table}`, 'latin1').split('\n');
		return rows.map((row) => row.trim().split(/\s+/)).find((fields) => fields[column] === inode);
	} catch {
		return undefined;
	}
}

/** As the kernel writes it: words of 32 bits in the order of the machine's bytes, a colon, the port. */
function address(text: string): string {
	const [host = '', port = ''] = text.split(':');
	const bytes = [...host.matchAll(/.{8}/g)].flatMap(([word]) => [...Buffer.from(word, 'hex').reverse()]);
	const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255';
	const shown = isMapped ? bytes.slice(12) : bytes;
	const name = shown.length === 4 ? shown.join('.') : `[${shortened(Buffer.from(shown).toString('hex').match(/.{4}/g) ?? [])}]`;
	return `${name}:${Number.parseInt(port, 16)}`;
}

function shortened(groups: readonly string[]): string {
	return groups
		.map((group) => group.replace(/^0{1,3}/, ''))
		.join(':')
		.replace(/(^|:)0(:0)+(:|$)/, '::');
}
