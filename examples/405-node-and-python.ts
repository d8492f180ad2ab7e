/** Node and Python over a socket: JSON both ways, and both know the key. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { isMain, Listener } from 'nprocs';

const program = `
import json, sys
from multiprocessing.connection import Client

with Client(sys.argv[1], authkey=b'a secret') as connection:
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            break
        connection.send_bytes(json.dumps({'sum': sum(request['numbers'])}).encode())
`;

if (isMain(import.meta)) {
	if (spawnSync('python3', ['--version']).status === 0) {
		const listener = await new Listener(undefined, { authkey: 'a secret', codec: 'json' }).listen();
		const python = spawn('python3', ['-c', program, listener.address as string], { stdio: 'inherit' });
		const connection = await listener.accept<{ numbers?: number[]; sum?: number }>();
		for (const numbers of [
			[1, 2, 3],
			[0.5, 0.25],
		]) {
			await connection.send({ numbers });
			console.log(`Python says that ${numbers.join(' + ')} is ${(await connection.recv()).sum}`);
		}
		connection.close();
		listener.close();
		await once(python, 'exit');
	} else console.log('There is no python3 here.');
}
