//! A daemon's first run over a market, and the one of the next day: seconds, processor, memory, and what they leave.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use data_infrastructure::{
    db::{self, Database},
    stock::calendar::{Calendar, Market},
};

use crate::{
    child::Daemon,
    empty,
    machine::{peak, seconds, server_seconds, told},
    number,
    source::Source,
    tables::{self, Size},
};

/// The first day of all companies: a year of bars each.
const FROM: &str = "2025-10-31";
/// The day of the first run; the second is on the next session.
const FIRST: &str = "2026-10-30";

pub async fn measure(url: &str, markets: &[usize]) {
    let source = Source::start().await;
    println!("A run of the job stock, four companies at once, a source that answers at once:");
    println!(
        "{:>9} {:>13} {:>8} {:>9} {:>9} {:>9} {:>9} {:>12} {:>10}",
        "companies", "run", "seconds", "cpu s", "db cpu s", "peak MiB", "ms/task", "statements/t", "WAL kB/t"
    );
    for (place, count) in markets.iter().enumerate() {
        let database = empty(url).await;
        companies(&database, *count).await;
        let first: NaiveDate = FIRST.parse().unwrap();
        let next = Calendar::embedded(Market::Tokyo).next_session_after(first);
        let mut sizes = Vec::new();
        for (name, day) in [("a year each", first), ("a day more", next), ("nothing new", next)] {
            let before = tables::sizes(&database).await;
            run(url, &database, &source, (name, day), *count).await;
            sizes.push((name, before, tables::sizes(&database).await));
        }
        if place + 1 == markets.len() {
            tell(sizes, *count);
        }
        if let Some(file) = Database::sqlite_file(url) {
            let bytes = std::fs::metadata(file).unwrap().len();
            println!("    the file: {bytes} bytes, {} for each company and year", bytes / *count as u64);
        }
        database.close().await;
    }
}

type Sizes = BTreeMap<String, Size>;

fn tell(sizes: Vec<(&str, Sizes, Sizes)>, count: usize) {
    for (name, before, after) in sizes {
        println!("  {name}: what it leaves in the tables");
        tables::tell(&before, &after, count as f64, "company");
    }
}

async fn companies(database: &Database, count: usize) {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
               INSERT INTO company (company_id, company_name, stock_code, country_code, listed_market) \
               SELECT CAST(i AS text), 'a company', CAST(999 + i AS text), 'JP', 'bench' FROM n";
    db::execute(database.connection(), sql, [i32::try_from(count).unwrap().into()]).await.unwrap();
}

async fn run(url: &str, database: &Database, source: &Source, (name, day): (&str, NaiveDate), count: usize) {
    source.turn_to(day);
    let evening: DateTime<Utc> = day.and_hms_opt(12, 0, 0).unwrap().and_utc();
    let settings = [
        ("DATAINFRA__SOURCES__STOOQ__BASE_URL", format!("http://{}", source.address)),
        ("DATAINFRA__SOURCES__STOOQ__MIN_INTERVAL", "0ms".to_owned()),
        ("DATAINFRA__SOURCES__ECB__ENABLED", "false".to_owned()),
        ("DATAINFRA__JOBS__STOCK__SOURCES", "stooq".to_owned()),
        ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", FROM.to_owned()),
        ("DATAINFRA__JOBS__STOCK__SCHEDULE", "@manually".to_owned()),
    ];
    let runs = number(database, "SELECT count(*) FROM run WHERE finished_at IS NOT NULL").await;
    let (cpu, wal, statements) = (server_seconds(database).await, wal(database).await, statements(database).await);
    let daemon = Daemon::start(url, &settings, Some(evening), true);
    while number(database, "SELECT count(*) FROM run WHERE finished_at IS NOT NULL").await == runs {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let row = "SELECT state, done, failed, {} AS s FROM run ORDER BY created_at DESC LIMIT 1";
    let took = db::Dialect::of(database.connection()).seconds_between("started_at", "finished_at");
    let row =
        db::one(database.connection(), &row.replace("{}", &format!("CAST({took} AS double precision)")), []).await;
    let row = row.unwrap().unwrap();
    let (state, took): (String, f64) = (row.try_get("", "state").unwrap(), row.try_get("", "s").unwrap());
    assert_eq!(state, "succeeded", "the run of {count} companies");
    let used = server_seconds(database).await.zip(cpu).map(|(after, before)| after - before);
    let each = |after: Option<f64>, before: Option<f64>| after.zip(before).map(|(a, b)| (a - b) / count as f64);
    println!(
        "{count:>9} {name:>13} {took:>8.1} {:>9} {:>9} {:>9} {:>9.2} {:>12} {:>10}",
        told(seconds(daemon.id(), false)),
        told(used),
        told(peak(daemon.id())),
        took * 1000.0 / count as f64,
        told(each(self::statements(database).await, statements)),
        told(each(self::wal(database).await, wal).map(|bytes| bytes / 1000.0)),
    );
}

/// Statements so far, where pg_stat_statements counts them.
async fn statements(database: &Database) -> Option<f64> {
    if !database.is_postgres() {
        return None;
    }
    let sql = "SELECT sum(calls)::double precision FROM pg_stat_statements";
    db::one(database.connection(), sql, []).await.ok()??.try_get_by_index(0).ok()
}

async fn wal(database: &Database) -> Option<f64> {
    if !database.is_postgres() {
        return None;
    }
    let sql = "SELECT (pg_current_wal_lsn() - '0/0')::double precision";
    db::one(database.connection(), sql, []).await.ok()??.try_get_by_index(0).ok()
}
