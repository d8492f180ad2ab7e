/** A node:test reporter for `run-file.mjs`: one line of JSON for each test that began or ended. */
import { inspect } from 'node:util';

export default async function* reporter(events) {
	for await (const { type, data } of events) {
		if (type !== 'test:start' && type !== 'test:dequeue' && type !== 'test:pass' && type !== 'test:fail') continue;
		yield `${JSON.stringify({
			type,
			name: data.name,
			nesting: data.nesting,
			isSuite: data.details?.type === 'suite',
			isSkipped: data.skip !== undefined || data.todo !== undefined,
			milliseconds: data.details?.duration_ms,
			error: type === 'test:fail' ? textOf(data.details.error) : undefined,
		})}\n`;
	}
}

/** The error of the test's own code, without the frame that node:test puts around it. */
function textOf(error) {
	return inspect(error?.cause ?? error, { depth: 5 });
}
