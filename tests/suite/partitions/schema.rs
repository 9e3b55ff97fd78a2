//! The schema goes on: later migrations, the way down, everything anew, and a dump.

use std::process::{Command, Stdio};

use data_infrastructure::db::{self, partition::Span};

use super::fixture::{Shelf, by};
use crate::support::{self, TestStore};

#[tokio::test]
async fn a_later_migration_finds_a_table_like_any_other() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    // The newest migrations, anew; then what the next ones may do.
    db::migrate_down(&shelf.store.url, 3).await.unwrap();
    assert_eq!(db::migrate_up(&shelf.store.url).await.unwrap().applied.len(), 3);
    for sql in [
        "ALTER TABLE stockprice ADD COLUMN turnover double precision NULL",
        "COMMENT ON COLUMN stockprice.turnover IS '売買代金'",
        "CREATE INDEX stockprice_by_day ON stockprice (date)",
        "ALTER TABLE stockprice_indicator ADD COLUMN note text NOT NULL DEFAULT ''",
    ] {
        shelf.sql(sql).await;
    }
    shelf.sql("UPDATE stockprice_2018 SET turnover = 1").await;
    let before = shelf.everything().await;
    shelf.convert(data_infrastructure::stock::partitions::Layout::Plain).await.unwrap();
    shelf.unchanged_since(&before).await;
    shelf.sql("ALTER TABLE stockprice DROP COLUMN turnover").await;
    shelf.convert(by(Span::Year)).await.unwrap();
    shelf.end().await;
}

#[tokio::test]
async fn everything_goes_down_and_up_again() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    db::fresh(&shelf.store.url).await.unwrap();
    assert!(shelf.partitions("stockprice").await.is_empty(), "as if new: plain");
    let left = "SELECT count(*) FROM pg_class WHERE relname ~ '^stockprice.*_(20[0-9][0-9]|default)$'";
    assert_eq!(shelf.number(left).await, 0);
    shelf.end().await;
}

#[tokio::test]
async fn a_dump_of_a_partitioned_database_is_restored_as_it_was() {
    let Some(shelf) = Shelf::new().await else { return };
    let Ok(tools) = support::postgres_binaries().map(|folder| [folder.join("pg_dump"), folder.join("pg_restore")])
    else {
        return support::not_run("test with pg_dump", "the server is elsewhere");
    };
    if !tools.iter().all(|tool| tool.exists()) {
        return support::not_run("test with pg_dump", "it is not there");
    }
    shelf.convert(by(Span::Year)).await.unwrap();
    let copy = TestStore::plain().await.unwrap();
    let mut dump = Command::new(&tools[0]).args(["-Fc", &shelf.store.url]).stdout(Stdio::piped()).spawn().unwrap();
    let mut restore = Command::new(&tools[1]);
    restore.args(["--exit-on-error", "-d", &copy.url]).stdin(dump.stdout.take().unwrap());
    assert!(restore.status().unwrap().success() && dump.wait().unwrap().success());
    let restored = Shelf { database: db::Database::connect(&copy.url, 2).await.unwrap(), store: copy };
    // The numbers of the views differ, and nothing else.
    let said = async |shelf: &Shelf| {
        let all = shelf.everything().await;
        all.into_iter().map(|line| line.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(said(&restored).await, said(&shelf).await);
    assert_eq!(restored.partitions("stockprice").await, shelf.partitions("stockprice").await);
    restored.end().await;
    shelf.end().await;
}
