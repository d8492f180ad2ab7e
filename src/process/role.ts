/** What this process is to the library: the program's first process, one that it started, or the fork server. */

export type Role = 'main' | 'child' | 'zygote';

export function role(): Role {
	return current;
}

export function setRole(next: Role): void {
	current = next;
}

/** Runs `load`, during which the starting of processes is an error: the module at work lacks its `isMain` guard. */
export async function whileImporting<T>(load: () => Promise<T>): Promise<T> {
	importing = true;
	try {
		return await load();
	} finally {
		importing = false;
	}
}

export function isImporting(): boolean {
	return importing || current === 'zygote';
}

let current: Role = 'main';
let importing = false;
