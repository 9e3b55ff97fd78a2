//! How long an export of a whole market takes: measured by hand, for it takes a minute to make the market.
//! `cargo test --release --test suite stock_api::market -- --ignored --nocapture`

use std::time::Instant;

use super::fixture::House;
use crate::support::TestStore;

const COMPANIES: u32 = 4_000;
const SESSIONS: u32 = 250;

async fn market(house: &House) {
    let postgres = house.database.is_postgres();
    let number = if postgres { "lpad(n.i::text, 4, '0')" } else { "printf('%04d', n.i)" };
    let dated = if postgres { "DATE '2026-01-01' + d.i" } else { "date('2026-01-01', d.i || ' days')" };
    let numbers =
        |name: &str, last: u32| format!("{name}(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM {name} WHERE i < {last})");
    let n = numbers("n", COMPANIES - 1);
    let companies = format!(
        "INSERT INTO company (company_id, company_name, stock_code, country_code, listed_market) \
         WITH RECURSIVE {n} SELECT {number}, 'x', {number}, 'JP', 'プライム' FROM n"
    );
    let bars = format!(
        "INSERT INTO stockprice (company_id, date, open_price, high_price, low_price, close_price, volume, source) \
         WITH RECURSIVE {n}, {} \
         SELECT {number}, {dated}, 100.5 + n.i, 102.25 + n.i, 99.75 + n.i, 101.0 + n.i + d.i / 8.0, 1000.0 * d.i, 'yahoo' \
         FROM n CROSS JOIN d",
        numbers("d", SESSIONS - 1)
    );
    let series = "INSERT INTO stockprice_series (company_id, version, updated_at) \
                  SELECT company_id, 1, CURRENT_TIMESTAMP FROM company";
    for sql in [companies.as_str(), &bars, series] {
        house.sql(sql, []).await;
    }
}

#[tokio::test]
#[ignore = "makes a market of a million bars to measure"]
async fn a_markets_export_is_measured_on_sqlite() {
    measure(TestStore::sqlite()).await;
}

#[tokio::test]
#[ignore = "makes a market of a million bars to measure"]
async fn a_markets_export_is_measured_on_postgres() {
    if let Some(store) = TestStore::postgres().await {
        measure(store).await;
    }
}

async fn measure(store: TestStore) {
    let house = House::empty(store).await;
    market(&house).await;
    for (what, query, lines) in [
        ("a day", "from=2026-03-03&to=2026-03-03", 4_000),
        ("a month", "from=2026-03-01&to=2026-03-31", 4_000 * 31),
        ("a year", "from=2026-01-01", 1_000_000),
    ] {
        for format in ["json", "csv"] {
            let mut times = Vec::new();
            for _ in 0..3 {
                let begun = Instant::now();
                let reply = house.get(&format!("/api/v1/bars?{query}&format={format}")).await;
                times.push(begun.elapsed().as_millis());
                let rows = reply.text.matches(if format == "csv" { "\r\n" } else { "{\"stockCode\"" }).count();
                assert_eq!(rows - usize::from(format == "csv"), lines);
            }
            println!("{what} as {format}, postgres {}: {times:?} ms", house.database.is_postgres());
        }
    }
}
