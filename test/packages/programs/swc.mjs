import swc from '@swc/core';

const options = { jsc: { parser: { syntax: 'typescript' } } };

export async function open() {
	await swc.transform('let opened: boolean = true', options);
	return swc;
}

export async function use({ transform, transformSync }, n) {
	const texts = [transformSync(`let a: number = ${n}`, options), await transform(`let a: number = ${n}`, options)];
	return texts.every(({ code }) => code.includes(`a = ${n};`) && !code.includes('number'));
}
