//! Loading the history of a whole market, and then one more day, against one `COPY` of the same bars.
//!
//! ```sh
//! DATABASE_URL=postgres://… cargo bench --bench load     # an empty database; without it a temporary SQLite file
//! COMPANIES=400 SESSIONS=2450 cargo bench --bench load
//! ```
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and has nobody to return errors to")]

use std::{fmt::Write as _, time::Instant};

use chrono::NaiveDate;
use data_infrastructure::{
    db::{self, Database},
    stock::{
        bar::{Bar, BarBatch, Basis, CompanyId, Days, StockCode},
        company::{Company, CompanyStatus},
        indicators::spec,
        overlap::OneBasis,
        store::{
            bars, companies,
            indicators::{self, Positions},
            series,
        },
    },
};

use sqlx::{Connection as _, PgConnection};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

fn setting(name: &str, default: usize) -> usize {
    #[expect(clippy::disallowed_methods, reason = "a benchmark's own knobs")]
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

async fn measure() {
    let (count, sessions) = (setting("COMPANIES", 100), setting("SESSIONS", 2450));
    let folder = tempfile::tempdir().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a benchmark's own knobs")]
    let given = std::env::var("DATABASE_URL").ok();
    let url = given.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("bench.db").display()));
    let database = Database::connect(&url, 4).await.unwrap();
    db::fresh(&url).await.unwrap();
    let ids: Vec<CompanyId> = (0..count).map(|n| CompanyId::parse(&format!("{n:04}")).unwrap()).collect();
    for id in &ids {
        companies::insert(database.connection(), &company(id)).await.unwrap();
    }
    let market: Vec<Vec<Bar>> = (0..count).map(|n| history(n as u64, sessions + 1)).collect();
    let rows = (count * sessions) as f64;
    println!(
        "{count} companies, {sessions} sessions, {rows} bars; {}",
        if database.is_postgres() { "PostgreSQL" } else { "SQLite" }
    );

    let baseline =
        if database.is_postgres() { Some(copy_all(&url, &database, &ids, &market, sessions).await) } else { None };
    let say = |what: &str, seconds: f64| {
        let ratio = baseline.map(|baseline| format!(", {:.2} of the baseline", baseline / seconds));
        println!("{what:<44} {seconds:>8.2} s  {:>9.0} rows/s{}", rows / seconds, ratio.unwrap_or_default());
    };
    if let Some(seconds) = baseline {
        say("baseline: one COPY of all bars, both keys", seconds);
    }
    let positions = indicators::keep(database.connection(), &spec(&[5, 25, 75])).await.unwrap();
    let none = indicators::keep(database.connection(), &[]).await.unwrap();
    let old = || market.iter().map(|bars| &bars[..sessions]);
    say("bars, a transaction for each company", load(&database, &ids, old(), &none).await);
    say("the same again, nothing changed", load(&database, &ids, old(), &none).await);
    indicators::keep(database.connection(), &spec(&[5, 25, 75])).await.unwrap();
    say("nine moving averages of all of it", derive(&database, &ids, &market[0], &positions).await);
    let day = market.iter().map(|bars| &bars[sessions - 9..]);
    let seconds = load(&database, &ids, day, &positions).await;
    let each = seconds * 1000.0 / count as f64;
    println!("one more day, with overlap and averages      {seconds:>8.2} s  {each:>9.2} ms for each company");
    database.close().await;
}

/// What the database can do at all: every bar in one `COPY`, undone afterwards.
async fn copy_all(url: &str, database: &Database, ids: &[CompanyId], market: &[Vec<Bar>], sessions: usize) -> f64 {
    let mut chunks = Vec::new();
    for (id, bars) in ids.iter().zip(market) {
        let mut text = String::new();
        for bar in &bars[..sessions] {
            let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(Option::unwrap);
            let _ = writeln!(text, "{id}\t{}\t{open}\t{high}\t{low}\t{close}\t{}", bar.date, bar.volume.unwrap());
        }
        chunks.push(text.into_bytes());
    }
    let mut connection = PgConnection::connect(url).await.unwrap();
    let started = Instant::now();
    let statement =
        "COPY stockprice (company_id, date, open_price, high_price, low_price, close_price, volume) FROM STDIN";
    let mut copy = connection.copy_in_raw(statement).await.unwrap();
    for chunk in chunks {
        copy.send(chunk).await.unwrap();
    }
    copy.finish().await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    db::execute(database.connection(), "TRUNCATE stockprice", []).await.unwrap();
    seconds
}

async fn load<'a>(
    database: &Database,
    ids: &[CompanyId],
    market: impl Iterator<Item = &'a [Bar]>,
    positions: &Positions,
) -> f64 {
    let started = Instant::now();
    for (id, bars) in ids.iter().zip(market) {
        let transaction = database.begin().await.unwrap();
        series::lock(&transaction, id).await.unwrap();
        let vouched = Days::EVER;
        let batch = BarBatch { source: "bench", basis: Basis::Split, bars: bars.to_vec(), rejected: vec![], vouched };
        let (bars, _) = OneBasis::join(&batch, None, &[], true).unwrap();
        let written = bars::store(&transaction, id, "bench", &bars).await.unwrap();
        if let Some(day) = written.first_day.filter(|_| positions.width() > 0) {
            indicators::refresh(&transaction, id, positions, day).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }
    started.elapsed().as_secs_f64()
}

async fn derive(database: &Database, ids: &[CompanyId], bars: &[Bar], positions: &Positions) -> f64 {
    let started = Instant::now();
    for id in ids {
        let transaction = database.begin().await.unwrap();
        indicators::refresh(&transaction, id, positions, bars[0].date).await.unwrap();
        transaction.commit().await.unwrap();
    }
    started.elapsed().as_secs_f64()
}

fn company(id: &CompanyId) -> Company {
    Company {
        company_id: id.clone(),
        company_name: "a company".into(),
        stock_code: StockCode::parse(id.as_str()).unwrap(),
        country_code: "JP".into(),
        listed_market: "bench".into(),
        foundation_date: None,
        longitude: None,
        latitude: None,
        status: CompanyStatus::Active,
        listed_from: None,
        listed_to: None,
    }
}

/// A random walk of tenths.
fn history(seed: u64, sessions: usize) -> Vec<Bar> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut close = 20_000_i64;
    let first = NaiveDate::from_ymd_opt(2015, 1, 5).unwrap();
    (0..sessions as u64)
        .map(|day| {
            let open = close;
            close = (close + random.i64(-300..=300)).max(500);
            let price = |tenths: i64| Some(tenths as f64 / 10.0);
            Bar {
                date: first + chrono::Days::new(day),
                open: price(open),
                high: price(open.max(close) + random.i64(0..100)),
                low: price(open.min(close) - random.i64(0..100)),
                close: price(close),
                volume: Some(random.u32(1000..5_000_000) as f64),
            }
        })
        .collect()
}
