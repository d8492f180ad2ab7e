/** Run a function that no module exports: `inline` sends its text, with the values that it uses. */
import { Process, inline, isMain } from 'nprocs';

if (isMain(import.meta)) {
	const greeting = 'hello';
	const greet = inline((name: string) => console.log(`${greeting} ${name}`), { greeting });
	for (const name of ['alice', 'bob']) await new Process({ target: greet, args: [name] }).start().join();
}
