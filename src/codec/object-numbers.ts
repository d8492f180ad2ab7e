/** Gives each object of a message its number, in the order in which they are met. */

/** Up to so many objects are found again by looking at each; a Map would cost more to fill. */
const FEW = 16;

export class ObjectNumbers {
	#count = 0;
	#few: Array<object | undefined> = [];
	#many: Map<object, number> | undefined;

	/** Returns the number of an object met before, or gives it one and returns -1. */
	of(value: object): number {
		if (this.#many === undefined) {
			const few = this.#few;
			const count = this.#count;
			for (let i = 0; i < count; i++) if (few[i] === value) return i;
			if (count < FEW) {
				few[count] = value;
				this.#count = count + 1;
				return -1;
			}
			this.#many = new Map();
			for (let i = 0; i < count; i++) this.#many.set(few[i] as object, i);
		}
		const known = this.#many.get(value);
		if (known !== undefined) return known;
		this.#many.set(value, this.#count++);
		return -1;
	}

	/** As if the object that got the last number had not been met. */
	takeBack(value: object): void {
		this.#count--;
		if (this.#many !== undefined) this.#many.delete(value);
		else this.#few[this.#count] = undefined;
	}

	clear(): void {
		if (this.#many !== undefined) {
			this.#many = undefined;
			this.#few = [];
		} else for (let i = this.#count - 1; i >= 0; i--) this.#few[i] = undefined;
		this.#count = 0;
	}
}
