/** The types of numbers in shared memory, by the names under which programs ask for them: the arrays that hold them. */
export const elementArrays = {
	int8: Int8Array,
	uint8: Uint8Array,
	int16: Int16Array,
	uint16: Uint16Array,
	int32: Int32Array,
	uint32: Uint32Array,
	float32: Float32Array,
	float64: Float64Array,
	bigint64: BigInt64Array,
	biguint64: BigUint64Array,
} as const;
