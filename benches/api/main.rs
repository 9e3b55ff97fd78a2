//! Serving a company's series over HTTP: requests a second and latency, against the same `SELECT` by itself.
//!
//! ```sh
//! DATABASE_URL=postgres://… cargo bench --bench api     # an empty database; without it a temporary SQLite file
//! CONNECTIONS=32 SECONDS=5 COMPANIES=100 cargo bench --bench api
//! DATAINFRA=path/to/datainfra cargo bench --bench api   # another program than the one just built
//! ```
//!
//! The daemon is a process of its own with its default settings, asked over loopback by connections that stay open, each
//! asking for companies at random as soon as it has the answer before. The baseline on PostgreSQL is `pgbench` with as
//! many clients, on SQLite the statement over a pool of this process; both get the rows and make nothing of them.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and has nobody to return errors to")]

mod baseline;
mod client;
mod cpu;
mod daemon;
mod figures;
mod load;
mod market;

use std::time::Duration;

use data_infrastructure::db::{self, Database};

use daemon::Daemon;
use figures::Figures;
use load::Load;
use market::{SESSIONS, Span, YEAR};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure());
}

fn setting(name: &str, default: usize) -> usize {
    variable(name).and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark's own knobs")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let url = variable("DATABASE_URL");
    let url = url.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("bench.db").display()));
    let (companies, connections) = (setting("COMPANIES", 100), setting("CONNECTIONS", 32));
    let time = Duration::from_secs(setting("SECONDS", 5) as u64);
    db::fresh(&url).await.unwrap();
    let database = Database::connect(&url, 4).await.unwrap();
    let days = market::load(&database, companies).await;
    let kind = if database.is_postgres() { "PostgreSQL" } else { "SQLite" };
    println!("{kind}: {companies} companies of {SESSIONS} sessions, {connections} connections, {time:?} each");
    println!("{}", Figures::HEAD);
    let spans = [Span::newest(&days, "one year", YEAR), Span::newest(&days, "ten years", SESSIONS)];
    let mut baselines = Vec::new();
    for span in &spans {
        baselines.push(baseline::measure(&database, &url, folder.path(), span, companies, connections, time).await);
    }
    database.close().await;
    let daemon = Daemon::start(&url, folder.path()).await;
    for (span, baseline) in spans.iter().zip(baselines) {
        let load = Load { daemon: &daemon, span, companies, connections, time, baseline };
        let rawdata = "stockprices/rawdata";
        load.run("JSON", rawdata, "", "").await;
        load.run("JSON, gzip", rawdata, "", "Accept-Encoding: gzip\r\n").await;
        load.run("CSV", rawdata, "&format=csv", "").await;
        load.run("NDJSON", rawdata, "&format=ndjson", "").await;
        load.run("Arrow", rawdata, "&format=arrow", "").await;
        load.run("Parquet", rawdata, "&format=parquet", "").await;
        load.run("ma of three types, JSON", "stockprices/ma", "&maTypes=sma5,ema25,wma75", "").await;
        load.run_known("JSON, If-None-Match", rawdata).await;
    }
}
