//! What makes a conversion impossible leaves all as it was.

use data_infrastructure::{
    audit::Actor,
    db::{self, Database, partition::Span},
    stock::partitions::{Layout, convert},
};

use super::fixture::{Shelf, by, clock};
use crate::support::TestStore;

#[tokio::test]
async fn what_cannot_be_carried_is_named_and_nothing_changes() {
    let Some(shelf) = Shelf::new().await else { return };
    for (make, unmake, named) in [
        ("CREATE MATERIALIZED VIEW m AS SELECT * FROM stockprice", "DROP MATERIALIZED VIEW m", "materialized view m"),
        ("CREATE POLICY p ON stockprice_indicator", "DROP POLICY p ON stockprice_indicator", "the policy p"),
        ("CREATE TABLE heir () INHERITS (stockprice)", "DROP TABLE heir", "the table heir"),
        ("CREATE RULE r AS ON DELETE TO stockprice DO NOTHING", "DROP RULE r ON stockprice", "the rule r"),
        (
            "CREATE TABLE note (id varchar(16), day date, FOREIGN KEY (id, day) REFERENCES stockprice (company_id, date))",
            "DROP TABLE note",
            "the foreign key note_id_day_fkey of note",
        ),
    ] {
        shelf.sql(make).await;
        let before = shelf.everything().await;
        let refused = shelf.convert(by(Span::Year)).await.unwrap_err().to_string();
        assert!(refused.contains(named) && refused.contains("drop that first"), "{refused}");
        shelf.unchanged_since(&before).await;
        assert!(shelf.partitions("stockprice_indicator").await.is_empty());
        shelf.sql(unmake).await;
    }
    shelf.convert(by(Span::Year)).await.unwrap();
    shelf.end().await;
}

#[tokio::test]
async fn partitions_of_another_kind_are_not_ours_to_change() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    let refused = shelf.convert(by(Span::Decade)).await.unwrap_err().to_string();
    assert_eq!(refused, "stockprice is partitioned by year already: unpartition it first");
    shelf.sql("CREATE TABLE old (LIKE stockprice) PARTITION BY LIST (company_id)").await;
    shelf.sql("DROP TABLE stockprice CASCADE").await;
    shelf.sql("ALTER TABLE old RENAME TO stockprice").await;
    let refused = shelf.convert(by(Span::Year)).await.unwrap_err().to_string();
    assert_eq!(refused, "stockprice is partitioned by LIST (company_id) already: unpartition it first");
    shelf.end().await;
}

#[tokio::test]
async fn a_schema_that_is_not_up_to_date_is_brought_there_first() {
    let Some(shelf) = Shelf::new().await else { return };
    db::migrate_down(&shelf.store.url, 1).await.unwrap();
    let refused = shelf.convert(by(Span::Year)).await.unwrap_err().to_string();
    assert!(refused.contains("migrations are pending"), "{refused}");
    shelf.end().await;
}

#[tokio::test]
async fn sqlite_has_no_partitions() {
    let store = TestStore::sqlite();
    db::migrate_up(&store.url).await.unwrap();
    let database = Database::connect(&store.url, 1).await.unwrap();
    for layout in [by(Span::Year), Layout::Plain] {
        let refused = convert(&database, layout, &clock("2026-11-20"), &Actor::cli(None)).await.unwrap_err();
        assert!(refused.to_string().contains("SQLite has no partitions"), "{refused}");
    }
    database.close().await;
}
