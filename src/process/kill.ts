/** SIGKILL for a process that may have ended meanwhile, and been reaped. */
export function kill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// it has
	}
}
