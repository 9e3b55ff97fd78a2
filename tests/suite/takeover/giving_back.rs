//! The way back: the original's tables with all rows, and over again.

use data_infrastructure::{app, db, stock::master};

use super::fixture::{content, count, original, script, shape};

#[tokio::test]
async fn going_down_gives_the_originals_tables_back_and_up_takes_them_over_again() {
    let Some((store, database)) = original().await else { return };
    let (rows, tables) = (content(&database).await, shape(&database).await);
    let up = db::migrate_up(&store.url).await.unwrap();
    let all = u32::try_from(up.applied.len()).unwrap();
    db::migrate_down(&store.url, all).await.unwrap();
    assert_eq!(shape(&database).await, tables);
    assert_eq!(content(&database).await, rows);
    assert!(db::migrate_up(&store.url).await.unwrap().adopted.is_some());
    assert_eq!(content(&database).await, rows);
    database.close().await;
}

#[tokio::test]
async fn going_down_keeps_what_came_since_and_averages_whose_table_was_dropped() {
    let Some((store, database)) = original().await else { return };
    let rows = content(&database).await;
    let up = db::migrate_up(&store.url).await.unwrap();
    script(
        &database,
        "DROP TABLE stockprice_ma_original;\n\
         INSERT INTO company (company_id, company_name, stock_code, country_code, listed_market) VALUES ('0005', '五号', '7203', 'JP', '東証1部');\n\
         INSERT INTO stockprice (company_id, date, close_price, source) VALUES ('0005', '2024-01-04', 1234, 'yahoo');\n\
         INSERT INTO stockprice_original (company_id, date, run_id) VALUES ('0001', '2019-01-07', 'r')",
    )
    .await;
    db::migrate_down(&store.url, u32::try_from(up.applied.len()).unwrap()).await.unwrap();
    let [_, _, averages] = content(&database).await;
    assert_eq!(averages, rows[2]);
    assert_eq!(count(&database, "SELECT count(*) FROM company").await, 5);
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice WHERE close_price = 1234").await, 1);
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice_original").await, 1, "what was set aside stays");
    assert!(db::migrate_up(&store.url).await.unwrap().adopted.is_some());
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice_original").await, 1);
    database.close().await;
}

#[tokio::test]
async fn a_fresh_schema_loses_nothing_of_the_original() {
    let Some((store, database)) = original().await else { return };
    let rows = content(&database).await;
    db::migrate_up(&store.url).await.unwrap();
    let fresh = db::fresh(&store.url).await.unwrap();
    assert!(fresh.adopted.is_some() && fresh.reverted == fresh.applied);
    assert_eq!(content(&database).await, rows);
    assert_eq!(app::seed(&database, &master::bundled()).await.unwrap(), 0);
    database.close().await;
}
