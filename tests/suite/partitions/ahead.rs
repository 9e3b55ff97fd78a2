//! Partitions for years to come, and for years nobody thought of.

use data_infrastructure::{
    db::{Database, partition::Span},
    stock::partitions::{keep_ahead, look_ahead},
};
use tokio_util::sync::CancellationToken;

use super::fixture::{Shelf, by, clock};
use crate::support::TestStore;

#[tokio::test]
async fn the_next_years_partition_is_there_a_year_before_it_is_needed() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    let before = shelf.everything().await;
    let look = async |today: &str| look_ahead(&shelf.database, &clock(today)).await.unwrap();
    assert!(look("2026-12-30").await.is_empty(), "2027 is there");
    assert_eq!(look("2026-12-31").await, ["stockprice_2028", "stockprice_indicator_2028"]);
    assert!(look("2026-12-31").await.is_empty(), "once");
    // A daemon that was away for years catches up.
    assert_eq!(look("2030-05-01").await.len(), 2 * 3);
    shelf.sql("INSERT INTO stockprice (company_id, date) VALUES ('1', '2031-01-06')").await;
    assert_eq!(shelf.number("SELECT count(*) FROM stockprice_2031").await, 1);
    shelf.sql("DELETE FROM stockprice WHERE date = '2031-01-06'").await;
    shelf.unchanged_since(&before).await;
    let columns = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'stockprice_2031'::regclass AND attnum > 0 \
                   AND col_description(attrelid, attnum) IS NULL";
    assert_eq!(shelf.number(columns).await, 0, "with comments");
    let foreign = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'stockprice_2031'::regclass AND contype = 'f'";
    assert_eq!(shelf.number(foreign).await, 1, "and keys");
    shelf.end().await;
}

#[tokio::test]
async fn rows_that_came_before_their_partition_are_moved_into_it() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::FiveYears)).await.unwrap();
    for day in ["2001-02-03", "2013-05-31", "2035-01-04", "0200-01-01", "9999-12-31"] {
        shelf.sql(&format!("INSERT INTO stockprice (company_id, date) VALUES ('2', '{day}')")).await;
    }
    assert_eq!(shelf.number("SELECT count(*) FROM stockprice_default").await, 5);
    let before = shelf.everything().await;
    // A day of the year 200 or 9999 is a slip, for which nobody wants a thousand partitions.
    let made = look_ahead(&shelf.database, &clock("2034-06-01")).await.unwrap();
    let bars: Vec<&str> = made.iter().map(String::as_str).filter(|name| !name.contains("indicator")).collect();
    assert_eq!((bars[0], bars.contains(&"stockprice_2010_2014")), ("stockprice_1800_1804", true), "{bars:?}");
    shelf.unchanged_since(&before).await;
    let left = "SELECT date::text FROM stockprice_default ORDER BY date";
    assert_eq!(shelf.texts(left).await, ["0200-01-01", "9999-12-31"]);
    assert_eq!(shelf.texts("SELECT date::text FROM stockprice_2035_2039").await, ["2035-01-04"]);
    assert!(look_ahead(&shelf.database, &clock("2034-06-01")).await.unwrap().is_empty());
    shelf.end().await;
}

#[tokio::test]
async fn of_many_replicas_one_makes_it() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    let clock = clock("2028-01-01");
    let replica = async || {
        let database = Database::connect(&shelf.store.url, 2).await.unwrap();
        let made = look_ahead(&database, &clock).await.unwrap();
        database.close().await;
        made.len()
    };
    let all = tokio::join!(replica(), replica(), replica(), replica());
    let mut all = [all.0, all.1, all.2, all.3];
    all.sort_unstable();
    assert_eq!(all, [0, 0, 0, 4]);
    shelf.end().await;
}

#[tokio::test]
async fn plain_tables_and_sqlite_are_left_alone() {
    let sqlite = TestStore::sqlite();
    let database = Database::connect(&sqlite.url, 1).await.unwrap();
    assert!(look_ahead(&database, &clock("2040-01-01")).await.unwrap().is_empty());
    database.close().await;
    let Some(shelf) = Shelf::new().await else { return };
    assert!(look_ahead(&shelf.database, &clock("2040-01-01")).await.unwrap().is_empty());
    assert!(shelf.partitions("stockprice").await.is_empty());
    shelf.end().await;
}

#[tokio::test]
async fn the_daemons_loop_looks_at_once() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    let (cancel, clock) = (CancellationToken::new(), clock("2029-01-01"));
    let made = async {
        while shelf.partitions("stockprice_indicator").await.last().unwrap() != "stockprice_indicator_default"
            || !shelf.partitions("stockprice_indicator").await.contains(&"stockprice_indicator_2030".to_owned())
        {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        cancel.cancel();
    };
    let both = async { tokio::join!(keep_ahead(&shelf.database, &clock, &cancel), made) };
    tokio::time::timeout(std::time::Duration::from_secs(20), both).await.expect("it is made");
    shelf.end().await;
}
