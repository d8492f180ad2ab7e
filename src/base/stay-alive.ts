/** Keeps the event loop alive while something is awaited that does not do so itself. Returns what ends that. */
export function stayAlive(): () => void {
	const timer = setInterval(() => {}, longestTimerMs);
	return () => clearInterval(timer);
}

const longestTimerMs = 2 ** 31 - 1;
