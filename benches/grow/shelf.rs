//! A large market's tables: their bytes, what is asked of them, what partitioning them costs, and what it changes.

use std::time::Instant;

use data_infrastructure::{
    audit::Actor,
    clock::Clock,
    db::{Database, execute, partition::Span},
    stock::{
        indicators::spec,
        partitions::{Layout, convert},
        store::{indicators, partitions::bytes},
    },
};

use crate::{empty, number, questions, tables};

/// Sessions of a year.
const SESSIONS: usize = 245;
const NOW: &str = "2026-11-20T09:00:00Z";

pub async fn measure(url: &str, companies: usize, years: usize) {
    let database = empty(url).await;
    println!("{companies} companies of {years} years:");
    let before = tables::sizes(&database).await;
    fill(&database, companies, years).await;
    tables::tell(&before, &tables::sizes(&database).await, (companies * years) as f64, "co-year");
    for index in ["stockprice_pkey", "stockprice_indicator_pkey"] {
        let bytes = number(&database, &format!("SELECT pg_relation_size('{index}')")).await;
        println!("    {index:<28} {:>12} {bytes:>14} {:>14.0}", "", bytes as f64 / (companies * years) as f64);
    }
    let plain = questions::ask(&database, companies, years).await;
    let clock = Clock::fixed(NOW.parse().unwrap());
    let mut columns = vec![plain];
    let mut spans = vec!["one table"];
    for span in [Span::Year, Span::Decade] {
        let first = "2000-01-01".parse().unwrap();
        rebuild(&database, Layout::Partitioned(span, first), &clock, &format!("partitioned by {}", span.as_str()))
            .await;
        execute(database.connection(), "VACUUM ANALYZE", []).await.unwrap();
        columns.push(questions::ask(&database, companies, years).await);
        spans.push(span.as_str());
        rebuild(&database, Layout::Plain, &clock, "put together again").await;
    }
    questions::tell(&spans, &columns);
    database.close().await;
}

async fn rebuild(database: &Database, layout: Layout, clock: &Clock, what: &str) {
    let size = bytes(database.connection()).await.unwrap();
    let started = Instant::now();
    let rebuilt = convert(database, layout, clock, &Actor::cli(None)).await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let rows: u64 = rebuilt.iter().map(|one| one.rows).sum();
    println!(
        "    {what}: {seconds:.1} s, {:.0} rows of both tables a second, {:.0} MB/s; a million bars {:.1} s",
        rows as f64 / seconds,
        size as f64 / 1e6 / seconds,
        seconds * 2e6 / rows as f64
    );
}

/// By the day, as a market comes in, not by company.
async fn fill(database: &Database, companies: usize, years: usize) {
    indicators::keep(database.connection(), &spec(&[5, 25, 75])).await.unwrap();
    let last = number(database, "SELECT (date '2026-11-20' - date '2000-01-01')::bigint").await;
    let step = 365.25 / SESSIONS as f64;
    let days = format!(
        "(SELECT date '2000-01-01' + ({last} - floor(n * {step}))::integer AS d FROM generate_series(0, {} - 1) n) t",
        years * SESSIONS
    );
    for sql in [
        format!(
            "INSERT INTO company (company_id, company_name, stock_code, country_code, listed_market) \
             SELECT lpad(i::text, 4, '0'), 'a company', (1000 + i)::text, 'JP', 'bench' FROM generate_series(1, {companies}) i"
        ),
        "INSERT INTO stockprice_series (company_id, basis, source, covered_from, covered_to, newest_date, version, updated_at) \
         SELECT company_id, 'split', 'yahoo', '2000-01-01', '2026-11-20', '2026-11-20', 1, now() FROM company"
            .to_owned(),
        format!(
            "INSERT INTO stockprice (company_id, date, open_price, high_price, low_price, close_price, volume, source) \
             SELECT c.company_id, t.d, 1000.5, 1010.25, 990.125, 1000 + random(), 123456, 'yahoo' \
             FROM {days}, company c ORDER BY t.d, c.company_id"
        ),
        "INSERT INTO stockprice_indicator (company_id, date, v) \
         SELECT company_id, date, array_fill(close_price, ARRAY[9]) FROM stockprice ORDER BY date, company_id"
            .to_owned(),
        "VACUUM ANALYZE".to_owned(),
    ] {
        execute(database.connection(), &sql, []).await.unwrap();
    }
}
