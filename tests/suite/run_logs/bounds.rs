//! How much is kept, and that nobody waits for it.

use std::time::{Duration, Instant};

use data_infrastructure::{
    db::{self, Database},
    jobs::{LogLevel, store},
    telemetry::run_log::RunLine,
};
use tracing::Level;

use super::kept::{Kept, log_of, new_run, note};
use crate::support::on_both_databases;

on_both_databases!(a_log_is_bounded_and_says_when_it_is_full, |store: TestStore| async {
    db::migrate_up(&store.url).await.unwrap();
    let database = Database::connect(&store.url, 2).await.unwrap();
    let run = new_run(&database).await;
    let said = |count: usize, level| vec![RunLine { level, ..note(&run, "said") }; count];
    for batch in [said(5100, Level::INFO), said(500, Level::ERROR), said(200, Level::INFO), said(900, Level::WARN)] {
        store::append_run_log(&database, &run, &batch).await.unwrap();
    }
    store::append_run_log(&database, &run, &said(10, Level::ERROR)).await.unwrap();
    let lines = log_of(&database, &run).await;
    assert_eq!(lines.len(), 6001);
    assert!(lines.iter().map(|line| line.seq).eq(1..=6001));
    assert!(lines[..5000].iter().all(|line| line.level == LogLevel::Info));
    assert!(lines[5000..].iter().all(|line| line.level != LogLevel::Info));
    assert!(lines[5000].message.contains("only warnings and errors"), "{}", lines[5000].message);
    assert_eq!(lines[6000].message, "the log is full: nothing more is kept");
});

on_both_databases!(a_burst_neither_blocks_nor_piles_up_and_what_is_dropped_is_told, |store: TestStore| async {
    const BURST: u64 = 100_000;
    db::migrate_up(&store.url).await.unwrap();
    let database = Database::connect(&store.url, 4).await.unwrap();
    let kept = Kept::start(&database);
    let run = new_run(&database).await;
    // One thread: until the burst is over nobody takes a line, so all that waits is in the channel.
    let span = tracing::info_span!("run", run = run.as_str());
    let started = Instant::now();
    span.in_scope(|| {
        for number in 0..BURST {
            tracing::info!(number, "burst");
        }
    });
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    super::kept::until(&database, &run, |lines| lines.len() >= 4096).await;
    span.in_scope(|| tracing::info!("after"));
    kept.end().await;
    let lines = log_of(&database, &run).await;
    assert_eq!(lines.last().map(|line| &*line.message), Some("after"));
    let told = &lines[lines.len() - 2];
    let held = lines.iter().filter(|line| line.message == "burst").count() as u64;
    assert_eq!(told.message, format!("{} lines were dropped", BURST - held));
    assert!(held <= 5000, "{held}");
});
