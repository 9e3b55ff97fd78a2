//! A question about some years touches their partitions alone. What a statement does not touch it does not lock, and a
//! transaction keeps its locks: so the product's own statements are what is looked at.

use std::sync::Arc;

use data_infrastructure::{
    db::{View, all, partition::Span},
    stock::{
        bar::{CompanyId, Days},
        store::{
            bars,
            serving::{
                export::{Export, listed},
                stream,
            },
        },
    },
};
use futures_util::TryStreamExt as _;

use super::fixture::{Shelf, by};
use crate::world::day;

const TOUCHED: &str = "SELECT c.relname::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
                       WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relname LIKE 'stockprice\\_%\\_%' ESCAPE '\\' \
                       OR l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relname ~ '^stockprice_(20|default)' ORDER BY 1";

async fn touched(view: &View) -> Vec<String> {
    let View::Snapshot(snapshot) = view else { panic!("a snapshot keeps its locks") };
    let rows = all(snapshot.connection(), TOUCHED, []).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn view(shelf: &Shelf) -> Arc<View> {
    stream::view(&shelf.database, false).await.unwrap()
}

#[tokio::test]
async fn a_company_is_read_from_the_partitions_of_the_years_asked_for() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    let company = CompanyId::parse("1").unwrap();
    let days = Days { from: day("2018-06-01"), to: day("2019-02-01") };
    let held = view(&shelf).await;
    let read: Vec<_> = stream::bars(&held, &company, days).try_collect().await.unwrap();
    assert_eq!(read.concat().len(), 25);
    assert_eq!(touched(&held).await, ["stockprice_2018", "stockprice_2019"]);

    let transaction = shelf.database.begin().await.unwrap();
    bars::read(&transaction, &company, days).await.unwrap();
    let rows = all(&transaction, TOUCHED, []).await.unwrap();
    assert_eq!(rows.len(), 2, "what a run reads");
    drop((transaction, held));
    shelf.end().await;
}

#[tokio::test]
async fn a_day_of_the_whole_market_is_read_from_one_partition() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    let companies: Arc<[_]> = listed(shelf.database.connection(), None).await.unwrap().into();
    let day = day("2020-01-06");
    let held = view(&shelf).await;
    let export = Export { companies, days: Days { from: day, to: day } };
    let sources = export.sources(&held).await.unwrap();
    let read: Vec<_> = export.bars(&held).try_collect().await.unwrap();
    assert_eq!((read.concat().len(), sources), (3, vec!["test".to_owned()]));
    assert_eq!(touched(&held).await, ["stockprice_2020"]);
    drop(held);
    shelf.end().await;
}

#[tokio::test]
async fn the_view_of_averages_is_pruned_too() {
    let Some(shelf) = Shelf::new().await else { return };
    shelf.convert(by(Span::Year)).await.unwrap();
    let plan = shelf
        .texts(
            "EXPLAIN SELECT * FROM stockprice_ma WHERE company_id = '1' AND date BETWEEN '2021-01-01' AND '2022-12-31'",
        )
        .await
        .join("\n");
    let scanned = |year: i32| plan.contains(&format!("stockprice_indicator_{year}"));
    assert!(scanned(2021) && scanned(2022), "{plan}");
    assert!(!(2017..2021).chain(2023..2028).any(scanned) && !plan.contains("_default"), "{plan}");
    shelf.end().await;
}
