/** What the clients of the manager's benchmark do. */
import type { BarrierProxy, DictProxy } from 'nprocs';

export type Form = 'sync' | 'pipelined';

export async function setMany(
	dict: DictProxy<number, number>,
	start: BarrierProxy,
	{ from, count, form }: { from: number; count: number; form: Form },
): Promise<void> {
	await start.wait();
	if (form === 'sync') for (let i = from; i < from + count; i++) dict.setSync(i, i);
	else await Promise.all(Array.from({ length: count }, (_, i) => dict.set(from + i, i)));
}
