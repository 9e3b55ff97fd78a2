//! There and back again.

use data_infrastructure::{
    audit::store::{AuditFilter, list},
    db::partition::Span,
    stock::partitions::Layout,
};
use serde_json::json;

use super::fixture::{Shelf, by};

#[tokio::test]
async fn everything_that_hangs_on_the_tables_is_there_after_partitioning_and_after_undoing_it() {
    let Some(shelf) = Shelf::new().await else { return };
    for sql in [
        "GRANT SELECT ON stockprice, stockprice_ma TO pg_monitor",
        "GRANT SELECT ON stockprice TO pg_read_all_stats WITH GRANT OPTION",
        "GRANT SELECT (date, v) ON stockprice_indicator TO PUBLIC",
        "CREATE INDEX by_day ON stockprice (date, company_id) WHERE close_price > 0",
        "CREATE VIEW mine WITH (security_barrier=true) AS SELECT p.date, i.v FROM stockprice p \
         JOIN stockprice_indicator i USING (company_id, date)",
        "GRANT SELECT ON mine TO pg_monitor",
        "COMMENT ON VIEW mine IS 'a notebook''s'",
        "CREATE VIEW of_mine AS SELECT count(*) FROM mine",
        "ALTER TABLE stockprice SET (fillfactor = 90)",
        "ALTER TABLE stockprice ADD CONSTRAINT sound CHECK (volume >= 0)",
        // What is made anew must not be given to more people than before.
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO pg_signal_backend",
    ] {
        shelf.sql(sql).await;
    }
    let before = shelf.everything().await;

    let done = shelf.convert(by(Span::Year)).await.unwrap();
    assert_eq!(
        done.iter().map(|one| (one.table, one.rows)).collect::<Vec<_>>(),
        [("stockprice", 879), ("stockprice_indicator", 879)]
    );
    let years: Vec<String> = done[0].ranges.iter().map(|range| range.name()).collect();
    assert_eq!((years.len(), years[0].as_str(), years[10].as_str()), (11, "2017", "2027"), "{years:?}");
    let made = shelf.partitions("stockprice").await;
    assert_eq!((made.len(), made[0].as_str(), made[11].as_str()), (12, "stockprice_2017", "stockprice_default"));
    assert_eq!(shelf.number("SELECT count(*) FROM stockprice_2018").await, 3 * 36);
    assert_eq!(shelf.number("SELECT count(*) FROM stockprice_default").await, 0);
    shelf.unchanged_since(&before).await;
    let filled = "SELECT DISTINCT reloptions::text FROM pg_class WHERE relkind = 'r' AND relname LIKE 'stockprice_20%'";
    assert_eq!(shelf.texts(filled).await, ["{fillfactor=90}"]);
    let told = "SELECT obj_description('stockprice_indicator_2018'::regclass)";
    assert_eq!(shelf.texts(told).await, ["The rows of stockprice_indicator of 2018"]);

    assert!(shelf.convert(by(Span::Year)).await.unwrap().is_empty(), "it is so already");
    assert_eq!(shelf.convert(Layout::Plain).await.unwrap().len(), 2);
    shelf.unchanged_since(&before).await;
    assert!(shelf.partitions("stockprice").await.is_empty());
    let left = "SELECT relname::text FROM pg_class WHERE relname ~ 'stockprice.*(_20|_default|_before)'";
    assert!(shelf.texts(left).await.is_empty());
    assert!(shelf.convert(Layout::Plain).await.unwrap().is_empty(), "it is so already");

    shelf.convert(by(Span::Decade)).await.unwrap();
    let expected = ["stockprice_2010_2019", "stockprice_2020_2029", "stockprice_default"];
    assert_eq!(shelf.partitions("stockprice").await, expected);
    shelf.unchanged_since(&before).await;
    shelf.end().await;
}

#[tokio::test]
async fn each_conversion_is_a_row_of_the_audit() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::FiveYears)).await.unwrap();
    shelf.convert(by(Span::FiveYears)).await.unwrap();
    shelf.convert(Layout::Plain).await.unwrap();
    let filter = AuditFilter { limit: 10, ..AuditFilter::default() };
    let mut rows = list(shelf.database.connection(), &filter).await.unwrap();
    rows.reverse();
    let told: Vec<_> = rows.iter().map(|row| (row.actor.as_str(), row.action.as_str(), row.after.clone())).collect();
    let tables = ["stockprice", "stockprice_indicator"];
    assert_eq!(
        told,
        [
            ("cli:ops", "schema.partition", Some(json!({"tables": tables, "by": "five-years"}))),
            ("cli:ops", "schema.unpartition", Some(json!({ "tables": tables }))),
        ]
    );
    shelf.end().await;
}

#[tokio::test]
async fn rows_without_a_partition_are_taken_by_the_default_one_and_come_back() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    for day in ["1949-05-16", "2999-01-01"] {
        let sql = format!("INSERT INTO stockprice (company_id, date, close_price) VALUES ('1', '{day}', 1)");
        shelf.sql(&sql).await;
    }
    assert_eq!(shelf.number("SELECT count(*) FROM stockprice_default").await, 2);
    assert_eq!(shelf.convert(Layout::Plain).await.unwrap()[0].rows, 881);
    assert_eq!(shelf.texts("SELECT min(date)::text FROM stockprice").await, ["1949-05-16"]);
    shelf.end().await;
}
