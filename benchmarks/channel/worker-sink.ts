import { parentPort } from 'node:worker_threads';

parentPort!.on('message', (message) => {
	if (message === 'end') parentPort!.postMessage('done');
});
parentPort!.postMessage('ready');
