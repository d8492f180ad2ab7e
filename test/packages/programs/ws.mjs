import { once } from 'node:events';
import { WebSocket } from 'ws';

export async function open() {
	const socket = new WebSocket(process.env.WEB.replace('http', 'ws'));
	await once(socket, 'open');
	return socket;
}

export async function use(socket, n) {
	for (let i = 0; i < 20; i++) {
		socket.send(`${n}-${i}`);
		const [data] = await once(socket, 'message');
		if (String(data) !== `${n}-${i}`) return `the answer ${data} of another process`;
	}
	return true;
}

export async function close(socket) {
	socket.close();
	await once(socket, 'close');
}
