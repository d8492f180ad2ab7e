import sharp from 'sharp';

const red = { create: { width: 64, height: 64, channels: 3, background: 'red' } };

/** Makes it start its threads. */
export async function open() {
	return sharp(await sharp(red).png().toBuffer());
}

export async function use(image, n) {
	const { width, height } = await sharp(
		await image
			.resize(n * 8)
			.png()
			.toBuffer(),
	).metadata();
	return width === n * 8 && height === n * 8;
}
