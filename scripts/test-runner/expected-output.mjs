/**
 * Compares what a program printed with what it was expected to print, line by line. In the expectation, `<int>` stands
 * for a number, `<any>` for any text of one line; a line that begins with `<maybe>` may be missing; a first line `# any
 * order` allows the lines in any order.
 */

/** One line of text for each difference. */
export function differences(expected, output) {
	const printed = linesOf(output);
	const isOrdered = !expected.startsWith('# any order');
	const wanted = linesOf(expected)
		.slice(isOrdered ? 0 : 1)
		.map(patternOf);
	const problems = [];
	for (const line of printed) {
		if (isOrdered) while (wanted[0]?.isOptional && !wanted[0].regExp.test(line)) wanted.shift();
		const found = isOrdered ? 0 : wanted.findIndex(({ regExp }) => regExp.test(line));
		const [pattern] = found < 0 ? [] : wanted.splice(found, 1);
		if (!pattern?.regExp.test(line))
			problems.push(`printed "${line}"${isOrdered && pattern ? ` instead of "${pattern.text}"` : ', which is not expected'}`);
	}
	for (const { text, isOptional } of wanted) if (!isOptional) problems.push(`did not print "${text}"`);
	return problems;
}

function linesOf(text) {
	return text.replace(/\n+$/, '').split('\n');
}

function patternOf(line) {
	const text = line.replace(/^<maybe>/, '');
	const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	const regExp = new RegExp(`^${escaped.replaceAll('<int>', '-?\\d+').replaceAll('<any>', '.*')}$`);
	return { text, regExp, isOptional: text !== line };
}
