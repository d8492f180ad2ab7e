import { readFileSync } from 'node:fs';
import { pino } from 'pino';

const destination = `${process.env.FOLDER}/log`;

/** What it writes goes through a thread. */
export function open() {
	return pino({ transport: { target: 'pino/file', options: { destination } } });
}

export async function use(logger, n) {
	logger.info({ number: n, of: process.pid }, 'a line');
	await new Promise((resolve, reject) => logger.flush((error) => (error ? reject(error) : resolve())));
	const isMine = ({ number, of }) => number === n && of === process.pid;
	// The thread tells that it has the line, and writes it a moment later.
	while (!linesOf(destination).some(isMine)) await new Promise((resolve) => setTimeout(resolve, 10));
	return true;
}

function linesOf(file) {
	const complete = /[^]*\n|/.exec(readFileSync(file, { encoding: 'utf8', flag: 'a+' }))[0];
	return complete.split('\n').filter(Boolean).map(JSON.parse);
}
