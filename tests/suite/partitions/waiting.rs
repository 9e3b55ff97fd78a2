//! Whoever works on the tables while they are rebuilt waits, and then goes on with what is there.

use std::time::Duration;

use data_infrastructure::{
    db::{self, partition::Span},
    stock::{
        bar::{Bar, CompanyId, Days},
        store::{bars, series},
    },
};
use sea_orm::ConnectionTrait as _;

use super::fixture::{Shelf, by};
use crate::{store::one_basis, world::day};

/// Until so many sessions of this database wait for a lock on a table; or for a while, in which the conversion may have
/// let others go first.
async fn waiting(shelf: &Shelf, wanted: i64) {
    let sql = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND locktype = 'relation'";
    let wait = async {
        while shelf.number(sql).await < wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(2), wait).await.ok();
}

fn bars_of(year: i32) -> Vec<Bar> {
    let bar = |n: u32| Bar {
        date: chrono::NaiveDate::from_ymd_opt(year, 3, n).unwrap(),
        open: Some(1.0),
        high: Some(2.0),
        low: Some(0.5),
        close: Some(1.5),
        volume: Some(f64::from(n)),
    };
    (1..29).map(bar).collect()
}

/// As a task writes: the lock of the series, and bars of two years.
async fn load(shelf: &Shelf, company: &str) {
    let company = CompanyId::parse(company).unwrap();
    let transaction = shelf.database.begin().await.unwrap();
    series::lock(&transaction, &company).await.unwrap();
    let given: Vec<Bar> = [bars_of(2025), bars_of(2026)].concat();
    let written = bars::store(&transaction, &company, "test", &one_basis(&given)).await.unwrap();
    assert_eq!(written.inserted, 56);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn writes_wait_for_the_end_and_none_is_lost() {
    let Some(shelf) = Shelf::new().await else { return };
    // Connections that know their statements already, and the tables by their old numbers.
    let all = Days { from: day("2000-01-01"), to: day("2100-01-01") };
    let read = async |company: &str| {
        bars::read(shelf.database.connection(), &CompanyId::parse(company).unwrap(), all).await.unwrap().len()
    };
    tokio::join!(read("1"), read("2"), read("3"), read("1"));

    // One who writes and has not ended, then the conversion, then others who come while it waits for him.
    let first = shelf.database.begin().await.unwrap();
    first.execute_unprepared("UPDATE stockprice SET volume = 7 WHERE company_id = '1'").await.unwrap();
    let converted = async {
        // Whoever keeps a lock for longer than one try is waited for in another.
        shelf.convert(by(Span::Year)).await.unwrap()
    };
    let others = async {
        waiting(&shelf, 1).await;
        let end = async {
            waiting(&shelf, 3).await;
            first.commit().await.unwrap();
        };
        tokio::join!(load(&shelf, "2"), read("3"), end);
    };
    let (done, ()) = tokio::join!(converted, others);
    assert_eq!(done.len(), 2);
    assert_eq!(shelf.number("SELECT count(*) FROM stockprice WHERE volume = 7 AND company_id = '1'").await, 293);
    assert_eq!(read("2").await, 293 + 56);
    assert_eq!(shelf.number("SELECT count(*) FROM ONLY stockprice").await, 0);
    assert_eq!(shelf.number("SELECT count(*) FROM stockprice_2026").await, 28);
    shelf.end().await;
}

#[tokio::test]
async fn a_reader_of_the_view_who_waits_is_no_deadlock() {
    let Some(shelf) = Shelf::new().await else { return };
    let averages = async || shelf.number("SELECT count(*) FROM stockprice_ma").await;
    let before = averages().await;
    let blocker = shelf.database.begin().await.unwrap();
    blocker.execute_unprepared("SELECT 1 FROM stockprice_indicator LIMIT 1").await.unwrap();
    let readers = async {
        waiting(&shelf, 1).await;
        let end = async {
            waiting(&shelf, 2).await;
            blocker.commit().await.unwrap();
        };
        tokio::join!(averages(), end).0
    };
    let (done, during) = tokio::join!(shelf.convert(by(Span::Year)), readers);
    assert_eq!((done.unwrap().len(), during, averages().await), (2, before, before));
    shelf.end().await;
}

#[tokio::test]
async fn two_who_convert_at_once_convert_once() {
    let Some(shelf) = Shelf::new().await else { return };
    let (one, other) = tokio::join!(shelf.convert(by(Span::Year)), shelf.convert(by(Span::Year)));
    let mut done = [one.unwrap().len(), other.unwrap().len()];
    done.sort_unstable();
    assert_eq!(done, [0, 2]);
    assert_eq!(shelf.partitions("stockprice").await.len(), 12);
    shelf.end().await;
}

#[tokio::test]
async fn a_conversion_that_is_cut_off_changes_nothing() {
    let Some(shelf) = Shelf::new().await else { return };
    let before = shelf.everything().await;
    // Behind the rows of the second table: the first one is rebuilt by then.
    shelf.sql("ALTER TABLE stockprice_indicator ADD CONSTRAINT slow CHECK (pg_sleep(0) IS NOT NULL AND date > '1900-01-01')").await;
    shelf.sql("CREATE FUNCTION cut() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'cut off'; END $$").await;
    shelf
        .sql("ALTER TABLE stockprice_indicator ADD CONSTRAINT cut CHECK (date < '2024-12-01' OR cut()) NOT VALID")
        .await;
    let error = shelf.convert(by(Span::Year)).await.unwrap_err().to_string();
    assert!(error.contains("cut off"), "{error}");
    shelf.sql("ALTER TABLE stockprice_indicator DROP CONSTRAINT slow, DROP CONSTRAINT cut").await;
    shelf.unchanged_since(&before).await;
    assert_eq!(db::all(shelf.database.connection(), "SELECT 1 FROM audit", []).await.unwrap().len(), 0);
    shelf.end().await;
}
