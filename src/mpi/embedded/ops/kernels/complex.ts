/** SUM and PROD of complex numbers: real part, imaginary part. */
import { kernel, type Kernel } from './kernel.ts';
import { numbers } from './numbers.ts';

export function complexNumbers(op: 'SUM' | 'PROD', size: number): Kernel {
	if (op === 'PROD') return size === 16 ? kernel<Parts>(Float64Array, product, 2) : kernel<Parts>(Float32Array, product, 2);
	const parts = numbers('SUM', 'float', size / 2);
	return (input, inout, count) => parts(input, inout, 2 * count);
}

type Parts = Float32Array | Float64Array;

function product(a: Parts, b: Parts, n: number): void {
	for (let i = 0; i < n; i += 2) {
		const real = a[i]! * b[i]! - a[i + 1]! * b[i + 1]!;
		b[i + 1] = a[i]! * b[i + 1]! + a[i + 1]! * b[i]!;
		b[i] = real;
	}
}
