//! The commands.

use std::process::Output;

use data_infrastructure::db::{self, partition::Span};

use super::fixture::{Shelf, by};
use crate::{
    daemon::{datainfra, text},
    support::TestStore,
};

fn migrate(store: &TestStore, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = datainfra(folder.path());
    command.env("DATABASE_URL", &store.url).env("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2016-01-01");
    command.arg("migrate").args(arguments).output().unwrap()
}

#[tokio::test]
async fn the_tables_are_partitioned_and_put_together_again_by_a_command() {
    let Some(shelf) = Shelf::new().await else { return };
    let dry = migrate(&shelf.store, &["partition", "--dry-run"]);
    let said = text(&dry.stdout);
    assert!(dry.status.success() && said.contains("stockprice_2016                    0 rows"), "{said}");
    assert!(said.contains("stockprice_indicator_2018                  108 rows"), "{said}");
    assert!(said.contains("both tables would be locked for about 1 s"), "{said}");
    assert!(shelf.partitions("stockprice").await.is_empty());

    let done = migrate(&shelf.store, &["partition"]);
    assert!(done.status.success(), "{done:?}");
    assert!(text(&done.stdout).starts_with("stockprice: 879 rows in "), "{done:?}");
    assert!(text(&done.stderr).contains("the tables are locked while they are rebuilt"), "{done:?}");
    assert_eq!(shelf.partitions("stockprice").await[0], "stockprice_2016");

    for again in [&["partition"][..], &["partition", "--dry-run"]] {
        let again = migrate(&shelf.store, again);
        assert!(again.status.success(), "{again:?}");
        assert!(text(&again.stdout).contains("stockprice: partitioned by year already, 2016 to 20"), "{again:?}");
    }
    let other = migrate(&shelf.store, &["partition", "--by", "decade"]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stderr).contains("unpartition it first"), "{other:?}");

    let status = migrate(&shelf.store, &["status"]);
    assert!(status.status.success() && !text(&status.stdout).contains("pending"));
    let back = migrate(&shelf.store, &["unpartition"]);
    assert!(back.status.success() && text(&back.stdout).starts_with("stockprice: 879 rows in one table"), "{back:?}");
    let again = migrate(&shelf.store, &["unpartition"]);
    assert!(again.status.success() && text(&again.stdout).contains("not partitioned"), "{again:?}");
    shelf.end().await;
}

#[tokio::test]
async fn a_wrong_span_is_a_mistake_of_usage_and_sqlite_is_refused() {
    let store = TestStore::sqlite();
    db::migrate_up(&store.url).await.unwrap();
    let wrong = migrate(&store, &["partition", "--by", "month"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("it is none of year, five-years, decade"), "{wrong:?}");
    for arguments in [&["partition"][..], &["partition", "--dry-run"], &["unpartition"]] {
        let refused = migrate(&store, arguments);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        assert!(text(&refused.stderr).contains("SQLite has no partitions"), "{refused:?}");
    }
}

#[tokio::test]
async fn the_state_of_a_partitioned_database_is_read_from_the_database() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Decade)).await.unwrap();
    let again = migrate(&shelf.store, &["partition", "--by", "decade"]);
    let said = "stockprice: partitioned by decade already, 2010 to 2029";
    assert!(again.status.success() && text(&again.stdout).contains(said), "{again:?}");
    shelf.end().await;
}
