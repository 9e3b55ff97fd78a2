//! What is there before is there after, and reads the same.

use data_infrastructure::{
    app,
    db::{self, Database},
    stock::{
        bar::CompanyId,
        company::CompanyStatus,
        master,
        store::{companies, series},
    },
};

use super::fixture::{content, count, empty_original, original, script, text};
use crate::{support::TestStore, world::day};

#[tokio::test]
async fn every_row_of_the_original_is_kept_as_it_is() {
    let Some((store, database)) = original().await else { return };
    let before = content(&database).await;
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice WHERE volume = 'NaN'").await, 20);
    let migrated = db::migrate_up(&store.url).await.unwrap();
    let told = migrated.adopted.unwrap();
    assert!(told.contains("revision ffcf7c6907c5") && told.contains("4 companies, 728 bars and 5328 moving"), "{told}");
    assert_eq!(content(&database).await, before);
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice WHERE volume IS NULL").await, 20);
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice WHERE source = 'original'").await, 728);
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice_ma").await, 5328);
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice_ma_original").await, 5328);
    assert!(db::migration_status(&database).await.unwrap().iter().all(|migration| migration.applied));
    assert_eq!(db::migrate_up(&store.url).await.unwrap(), db::Migrated::default(), "twice is once");
    database.close().await;
}

#[tokio::test]
async fn the_series_of_the_original_have_no_basis_and_its_delisted_companies_are_marked() {
    let Some((store, database)) = original().await else { return };
    db::migrate_up(&store.url).await.unwrap();
    let all = companies::list(database.connection()).await.unwrap();
    let delisted: Vec<_> =
        all.iter().filter(|c| c.status == CompanyStatus::Delisted).map(|c| c.stock_code.as_str()).collect();
    assert_eq!(delisted, ["6028", "3906", "9437"]);
    assert_eq!(all[3].listed_to, Some(day("2020-12-24")));
    let found = series::find(database.connection(), &CompanyId::parse("0003").unwrap()).await.unwrap();
    assert!(found.is_unsettled() && found.covered.is_none());
    assert_eq!((found.source.as_deref(), found.newest_date), (Some("original"), Some(day("2019-09-27"))));
    database.close().await;
}

#[tokio::test]
async fn the_bundled_companies_do_not_come_to_those_of_the_original() {
    let Some((store, database)) = original().await else { return };
    db::migrate_up(&store.url).await.unwrap();
    assert_eq!(app::seed(&database, &master::bundled()).await.unwrap(), 0);
    assert_eq!(count(&database, "SELECT count(*) FROM company").await, 4);
    database.close().await;
}

#[tokio::test]
async fn the_queries_of_the_service_that_reads_the_tables_answer_as_before() {
    let Some((store, database)) = original().await else { return };
    // As its mapper writes them, and a column that it reads. It asks for all companies in no order.
    let of_company = "company_id = '0003' AND date BETWEEN '2019-03-01' AND '2019-08-30'";
    let queries = [
        ("SELECT * FROM \"company\"".to_owned(), "company_name", "ORDER BY company_id"),
        (
            "SELECT * FROM \"company\" WHERE (stock_code = '9433') ORDER BY \"company\".\"company_id\" ASC LIMIT 1"
                .to_owned(),
            "stock_code",
            "",
        ),
        (format!("SELECT * FROM \"stockprice\" WHERE ({of_company}) ORDER BY date"), "close_price", ""),
        (
            format!(
                "SELECT * FROM \"stockprice_ma\" WHERE ({of_company} AND ma_type IN ('sma5','ema25','wma75')) \
                 ORDER BY ma_type, date"
            ),
            "ma_value",
            "",
        ),
    ];
    let read = async |database: &Database| {
        let mut answers = Vec::new();
        for (query, column, order) in &queries {
            let values = format!("md5(string_agg(coalesce({column}::text, '') || ins_ts, ',' {order}))");
            let sql = format!("SELECT count(*) || ' ' || {values} FROM ({query}) AS q");
            answers.push(text(database, &sql).await);
        }
        answers
    };
    let before = read(&database).await;
    let counts: Vec<&str> = before.iter().filter_map(|answer| answer.split(' ').next()).collect();
    assert_eq!(counts, ["4", "1", "126", "341"]);
    db::migrate_up(&store.url).await.unwrap();
    assert_eq!(read(&database).await, before);
    database.close().await;
}

#[tokio::test]
async fn comments_of_the_original_stay_and_what_is_added_has_one() {
    let Some((store, database)) = original().await else { return };
    db::migrate_up(&store.url).await.unwrap();
    let company = text(&database, "SELECT obj_description('company'::regclass)").await;
    assert!(company.contains("日本の上場企業のみを対象"), "{company}");
    let without = "SELECT string_agg(c.relname || '.' || a.attname, ', ') FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relname NOT IN ('alembic_version', 'stockprice_ma_original')
        AND col_description(c.oid, a.attnum) IS NULL";
    assert_eq!(text(&database, without).await, "");
    database.close().await;
}

#[tokio::test]
async fn whoever_might_read_the_averages_may_read_the_view() {
    let Some((store, database)) = original().await else { return };
    let role = format!("reader_{}", uuid::Uuid::now_v7().simple());
    script(&database, &format!("CREATE ROLE {role};\nGRANT SELECT ON stockprice_ma TO {role}")).await;
    db::migrate_up(&store.url).await.unwrap();
    let may = format!("SELECT has_table_privilege('{role}', 'stockprice_ma', 'SELECT')::text");
    assert_eq!(text(&database, &may).await, "true");
    script(&database, &format!("DROP OWNED BY {role};\nDROP ROLE {role}")).await;
    database.close().await;
}

#[tokio::test]
async fn tables_from_before_alembic_are_the_originals_too() {
    let Some((store, database)) = original().await else { return };
    let earlier = "DROP TABLE alembic_version;\nDROP TABLE stockprice_ma;\n\
                   ALTER TABLE company ALTER ins_ts DROP DEFAULT, ALTER upd_ts DROP DEFAULT;\n\
                   ALTER TABLE stockprice ALTER ins_ts DROP DEFAULT, ALTER upd_ts DROP DEFAULT";
    script(&database, earlier).await;
    let migrated = db::migrate_up(&store.url).await.unwrap();
    assert_eq!(migrated.adopted.unwrap(), "the original's database with 4 companies, 728 bars and no moving averages");
    script(&database, "INSERT INTO stockprice (company_id, date) VALUES ('0003', '2019-12-02')").await;
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice WHERE ins_ts > now() - interval '1 day'").await, 1);
    assert_eq!(count(&database, "SELECT count(*) FROM stockprice_ma").await, 0);
    database.close().await;
}

#[tokio::test]
async fn tables_without_rows_are_taken_over_and_get_the_bundled_companies() {
    let Some((store, database)) = empty_original().await else { return };
    db::migrate_up(&store.url).await.unwrap();
    assert_eq!(app::seed(&database, &master::bundled()).await.unwrap(), master::bundled().len());
    database.close().await;
}

#[tokio::test]
async fn of_daemons_that_start_at_once_one_takes_over() {
    let Some((store, database)) = original().await else { return };
    let before = content(&database).await;
    let start = async || db::migrate_up(&store.url).await.unwrap().adopted.is_some();
    let (a, b, c, d) = tokio::join!(start(), start(), start(), start());
    assert_eq!([a, b, c, d].iter().filter(|adopted| **adopted).count(), 1);
    assert_eq!(content(&database).await, before);
    database.close().await;
}

#[tokio::test]
async fn a_migration_before_that_stopped_at_the_originals_tables_goes_on_now() {
    let Some((store, database)) = original().await else { return };
    let before = content(&database).await;
    db::migrate_up(&store.url).await.unwrap();
    let all = db::migration_status(&database).await.unwrap().len();
    db::migrate_down(&store.url, u32::try_from(all - 2).unwrap()).await.unwrap();
    assert!(db::migrate_up(&store.url).await.unwrap().adopted.is_some());
    assert_eq!(content(&database).await, before);
    database.close().await;
}

#[tokio::test]
async fn every_table_that_migrations_make_is_known_to_whoever_looks_for_what_is_in_the_way() {
    let Some(store) = TestStore::postgres().await else { return };
    db::migrate_up(&store.url).await.unwrap();
    let database = Database::connect(&store.url, 1).await.unwrap();
    let made = text(
        &database,
        "SELECT string_agg(relname::text, ' ' ORDER BY relname::text COLLATE \"C\") FROM pg_class WHERE relname <> 'seaql_migrations' \
         AND relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition",
    )
    .await;
    let mut known: Vec<&str> = migration::TABLES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    known.sort_unstable();
    assert_eq!(made, known.join(" "), "migration/src/tables.rs lists what each migration makes");
    database.close().await;
}
