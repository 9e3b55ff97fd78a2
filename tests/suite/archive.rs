//! What sources answered is kept: all of it, without secrets, for a while and no more than so much, and at no cost to
//! those who ask.

use std::{io::Read as _, sync::Arc, time::Duration};

use data_infrastructure::{
    app,
    crawl::{
        Archive, RawAnswer, Subject,
        archive::{
            Answered, keep_archive_house,
            settings::{ArchiveSettings, ByteSize},
            write_archive,
        },
        store::{answers, outcomes},
    },
    db::{self, Database},
    jobs::RunParams,
    metrics::Metrics,
    stock::sample::{Fault, FaultKind},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    run_logs::trouble::behind_proxy,
    support::{TestStore, on_both_databases},
    world::{World, day},
};

const HISTORY: (&str, &str) = ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04");

on_both_databases!(every_answer_good_or_bad_is_kept_with_what_was_asked, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[HISTORY]).await;
    world.upstream.inject(Fault::new("yahoo", FaultKind::Status(503)));
    world.succeed(RunParams::default()).await;
    world.archived().await;
    let bad = "SELECT count(*) FROM source_answer WHERE source = 'yahoo' AND status = 503 AND outcome = 'server' \
               AND reason = 'server error 503' AND body_bytes > 0";
    assert_eq!(world.count(bad).await, 1);
    let pages = world.upstream.requests().iter().filter(|request| request.source == "kabutan").count() as i64;
    assert!(pages > 2, "{pages}");
    let good = "source = 'kabutan' AND status = 200 AND outcome = 'data' AND reason = '' AND subject_key = '1101' \
                AND content_type LIKE 'text/html%' AND stored_bytes < body_bytes";
    assert_eq!(world.count(&format!("SELECT count(*) FROM source_answer WHERE {good}")).await, pages);
    assert_eq!(world.count("SELECT count(DISTINCT fetch_id) FROM source_answer").await, 2, "pages of one fetch");
    let sql = "SELECT subject, url, body FROM source_answer WHERE source = 'kabutan' ORDER BY id LIMIT 1";
    let row = db::one(world.database.connection(), sql, []).await.unwrap().unwrap();
    let subject: String = row.try_get("", "subject").unwrap();
    let expected = r#"{"code":"1101","market":"JP","from":"2024-01-04","to":"2024-05-31","newestFinal":"2024-05-31"}"#;
    assert_eq!(subject, expected);
    assert!(row.try_get::<String>("", "url").unwrap().ends_with("/kabutan/stock/kabuka?code=1101&ashi=day&page=1"));
    let mut page = String::new();
    let packed: Vec<u8> = row.try_get("", "body").unwrap();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut page).unwrap();
    assert!(page.contains("stock_kabuka_dwm"), "{page:.200}");
    world.end().await;
});

on_both_databases!(outcomes_are_counted_also_of_requests_without_an_answer, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[HISTORY, ("DATAINFRA__SOURCES__YAHOO__TIMEOUT", "50ms")]).await;
    world.upstream.inject(Fault::new("yahoo", FaultKind::Timeout));
    world.succeed(RunParams::default()).await;
    let counted = async |outcome: &str| {
        let all = outcomes::list(world.database.connection()).await.unwrap();
        all.iter().find(|found| found.outcome == outcome).map_or(0, |found| found.count)
    };
    let pages = world.upstream.requests().iter().filter(|request| request.source == "kabutan").count() as u64;
    let wait = async {
        while (counted("network").await, counted("data").await) != (1, pages) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("all are counted");
    world.end().await;
});

on_both_databases!(a_key_stands_nowhere_in_the_archive, |store: TestStore| async {
    let settings =
        [HISTORY, ("DATAINFRA__JOBS__STOCK__SOURCES", "stooq"), ("DATAINFRA__SOURCES__STOOQ__API_KEY", "s3cr3t-k3y")];
    let world = World::with(&store, &["1102"], &settings).await;
    world.succeed(RunParams::default()).await;
    assert!(world.upstream.requests()[0].path.contains("apikey=s3cr3t-k3y"), "the source got it");
    world.archived().await;
    assert_eq!(world.count("SELECT count(*) FROM source_answer WHERE url LIKE '%apikey=***'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM source_answer WHERE url LIKE '%s3cr3t%'").await, 0);
    // And with the key masked the answer is found again.
    let run = world.replay("stooq", RunParams::default()).await;
    assert!(run.rows.unchanged > 0, "{run:?}");
    world.end().await;
});

on_both_databases!(a_database_that_keeps_nothing_costs_the_run_nothing, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[HISTORY, ("DATAINFRA__JOBS__STOCK__SOURCES", "yahoo")]).await;
    world.turn_to(day("2024-05-30"));
    let sql = async |sql: &str| db::execute(world.database.connection(), sql, []).await.map(drop).unwrap();
    sql("ALTER TABLE source_answer RENAME TO source_answer_away").await;
    world.succeed(RunParams::default()).await;
    let lost = "datainfra_source_answers_archived_total{outcome=\"lost\",source=\"yahoo\"} 1";
    let wait = async {
        while !world.assembly.parts.metrics.render().unwrap().contains(lost) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the loss is counted");
    sql("ALTER TABLE source_answer_away RENAME TO source_answer").await;
    world.upstream.clear();
    world.turn_to(day("2024-05-31"));
    world.succeed(RunParams::default()).await;
    world.archived().await;
    assert_eq!(world.count("SELECT count(*) FROM source_answer").await, 1);
    world.end().await;
});

on_both_databases!(an_archive_that_is_turned_off_keeps_nothing_and_counts_all_the_same, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[HISTORY, ("DATAINFRA__ARCHIVE__KEEP", "0s")]).await;
    world.succeed(RunParams::default()).await;
    let wait = async {
        while outcomes::list(world.database.connection()).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("outcomes are counted");
    assert_eq!(world.count("SELECT count(*) FROM source_answer").await, 0);
    world.end().await;
});

fn archive(keep: Duration, max_bytes: u64) -> (Archive, Arc<Metrics>) {
    let metrics = Arc::new(app::metrics(&app::MoreJobs::default()).unwrap());
    let settings = ArchiveSettings { keep, max_bytes: ByteSize(max_bytes) };
    (Archive::new(settings, Arc::clone(&metrics)), metrics)
}

fn answered(body: Vec<u8>) -> Answered {
    let url = "https://example.org/d?s=x".parse().unwrap();
    let raw = RawAnswer { status: 200, content_type: Some("a\0b".to_owned()), body, url };
    Answered { source: "yahoo", subject: Subject::new("7203", "{}"), raw, outcome: "data", reason: "x\0y".to_owned() }
}

/// Bytes that do not shrink.
fn noise(length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    (0..length).map(|_| random.u8(..)).collect()
}

async fn kept(database: &Database) -> Vec<String> {
    let rows =
        db::all(database.connection(), "SELECT id FROM source_answer ORDER BY fetched_at, id", []).await.unwrap();
    rows.iter().map(|row| row.try_get("", "id").unwrap()).collect()
}

on_both_databases!(old_answers_go_and_of_too_many_the_oldest, |store: TestStore| async {
    let database = Database::connect(&store.url, 4).await.unwrap();
    db::migrate_up(&store.url).await.unwrap();
    for _ in 0..5 {
        let answer = answers::Compressed::new(answered(noise(400_000)), Instant::now());
        answers::keep(&database, &[answer]).await.unwrap();
    }
    let all = kept(&database).await;
    let dialect = db::Dialect::of(database.connection());
    let age = dialect.now_minus(Duration::from_hours(14 * 24 + 1));
    let sql = format!("UPDATE source_answer SET fetched_at = {age} WHERE id = $1");
    db::execute(database.connection(), &sql, [all[0].as_str().into()]).await.unwrap();
    let once = CancellationToken::new();
    once.cancel();
    let (two_weeks, _) = archive(Duration::from_hours(14 * 24), 1_000_000_000);
    keep_archive_house(&database, &two_weeks, &once).await;
    assert_eq!(kept(&database).await, all[1..]);
    let (small, _) = archive(Duration::from_hours(14 * 24), 1_000_000);
    keep_archive_house(&database, &small, &once).await;
    assert_eq!(kept(&database).await, all[3..], "two of them fit");
    let (off, _) = archive(Duration::ZERO, 1_000_000);
    keep_archive_house(&database, &off, &once).await;
    assert_eq!(kept(&database).await, Vec::<String>::new());
    database.close().await;
});

on_both_databases!(what_waits_is_bounded_and_what_is_left_at_the_end_is_written, |store: TestStore| async {
    let database = Database::connect(&store.url, 4).await.unwrap();
    db::migrate_up(&store.url).await.unwrap();
    let (archive, metrics) = archive(Duration::from_hours(1), 1_000_000);
    for _ in 0..1003 {
        archive.keep(answered(vec![b'x'; 10]));
    }
    archive.count("yahoo", "data");
    archive.count("yahoo", "data");
    let text = metrics.render().unwrap();
    assert!(text.contains("archived_total{outcome=\"lost\",source=\"yahoo\"} 3"), "{text}");
    let over = CancellationToken::new();
    over.cancel();
    write_archive(&database, &archive, &over).await;
    assert_eq!(kept(&database).await.len(), 1000);
    let counted = outcomes::list(database.connection()).await.unwrap();
    assert_eq!(counted.iter().map(|found| (found.outcome.as_str(), found.count)).collect::<Vec<_>>(), [("data", 2)]);
    // A few large bodies are as much as many small ones.
    for _ in 0..7 {
        archive.keep(answered(vec![b'x'; 10 << 20]));
    }
    let text = metrics.render().unwrap();
    assert!(text.contains("archived_total{outcome=\"lost\",source=\"yahoo\"} 4"), "{text}");
    database.close().await;
});

#[tokio::test]
async fn answers_wait_for_a_database_that_is_away() {
    let Some(store) = TestStore::postgres().await else { return };
    let (database, proxy) = behind_proxy(&store).await;
    let direct = Database::connect(&store.url, 2).await.unwrap();
    let (archive, metrics) = archive(Duration::from_hours(1), 1_000_000);
    let cancel = CancellationToken::new();
    let test = async {
        proxy.cut();
        for _ in 0..40 {
            archive.keep(answered(vec![b'x'; 10]));
            archive.count("yahoo", "data");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(kept(&direct).await.len(), 0);
        proxy.restore();
        while kept(&direct).await.len() < 40 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    tokio::join!(write_archive(&database, &archive, &cancel), test);
    assert_eq!(outcomes::list(direct.connection()).await.unwrap()[0].count, 40);
    assert!(metrics.render().unwrap().contains("archived_total{outcome=\"lost\",source=\"yahoo\"} 0"));
    direct.close().await;
    database.close().await;
}

on_both_databases!(the_writer_trims_by_itself, |store: TestStore| async {
    let database = Database::connect(&store.url, 4).await.unwrap();
    db::migrate_up(&store.url).await.unwrap();
    let (archive, _) = archive(Duration::from_hours(1), 1_000_000);
    for _ in 0..20 {
        archive.keep(answered(noise(200_000)));
    }
    let over = CancellationToken::new();
    over.cancel();
    write_archive(&database, &archive, &over).await;
    assert!(kept(&database).await.len() <= 5, "a million bytes are five of them");
    database.close().await;
});
