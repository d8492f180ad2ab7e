/**
 * How often which value was recorded, as exact as a thousandth. Unlike Node's, it takes a value many times at once, and
 * recording one costs little: only the values that came have a place, by their exponent and the upper bits of their
 * mantissa.
 */
export class Histogram {
	count = 0;
	#min = Infinity;
	#max = 0;
	#sum = 0;
	#squares = 0;
	readonly #places = new Map<number, number>();

	record(value: number, count: number): void {
		this.count += count;
		this.#sum += value * count;
		this.#squares += value * value * count;
		if (value < this.#min) this.#min = value;
		if (value > this.#max) this.#max = value;
		scratch[0] = value;
		const place = scratchBits[1]! >>> dropped;
		this.#places.set(place, (this.#places.get(place) ?? 0) + count);
	}

	get min(): number {
		return this.count === 0 ? 0 : this.#min;
	}

	get max(): number {
		return this.#max;
	}

	get mean(): number {
		return this.count === 0 ? 0 : this.#sum / this.count;
	}

	get stddev(): number {
		return this.count === 0 ? 0 : Math.sqrt(Math.max(0, this.#squares / this.count - this.mean ** 2));
	}

	/** For each of the percentages, which rise, the value that so many of all do not exceed. */
	percentiles(percentages: readonly number[]): number[] {
		const places = [...this.#places].sort(([a], [b]) => a - b);
		let [i, below] = [0, 0];
		return percentages.map((percentage) => {
			const wanted = Math.max(1, Math.ceil((this.count * percentage) / 100));
			while (i < places.length && below + places[i]![1] < wanted) below += places[i++]![1];
			return i < places.length ? Math.min(this.#max, Math.max(this.#min, valueAt(places[i]![0]))) : this.max;
		});
	}
}

const scratch = new Float64Array(1);
const scratchBits = new Uint32Array(scratch.buffer);
/** Of the upper word, sign and exponent and 10 bits of the mantissa are kept. */
const dropped = 10;

/** In the middle of the values that have this place. */
function valueAt(place: number): number {
	scratchBits[0] = 0;
	scratchBits[1] = ((place << dropped) | (1 << (dropped - 1))) >>> 0;
	return scratch[0]!;
}
