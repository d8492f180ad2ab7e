/** For what is awaited and does not keep the event loop alive itself. */
import { clearInterval, longestTimerMs, setInterval } from './clock.ts';

/** Keeps the event loop alive until the returned function is called. */
export function stayAlive(): () => void {
	const timer = setInterval(() => {}, longestTimerMs);
	return () => clearInterval(timer);
}
