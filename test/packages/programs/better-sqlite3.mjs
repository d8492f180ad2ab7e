import Database from 'better-sqlite3';

export function open() {
	const database = new Database(`${process.env.FOLDER}/database`, { timeout: 30_000 });
	database.pragma('journal_mode = WAL');
	database.exec('CREATE TABLE IF NOT EXISTS numbers (of INTEGER, number INTEGER)');
	return database;
}

/** Whether all that was inserted is there, and nothing else of this process. */
export function use(database, n) {
	const insert = database.prepare('INSERT INTO numbers VALUES (?, ?)');
	const of = process.pid;
	for (let i = 0; i < 20; i++) insert.run(of, n * 100 + i);
	const { sum } = database.prepare('SELECT SUM(number) AS sum FROM numbers WHERE of = ?').get(of);
	return sum === n * 2000 + 190;
}

export function close(database) {
	database.close();
}
