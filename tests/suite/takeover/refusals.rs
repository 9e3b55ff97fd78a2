//! What is not quite the original's is refused with the reason, and nothing is changed.

use data_infrastructure::db::{self, Connection as _, Database};

use super::fixture::{content, original, script, shape};
use crate::support::TestStore;

/// What somebody did to the database, the words of the refusal, and what makes it good again.
const CASES: [(&str, &[&str], &str); 17] = [
    (
        "ALTER TABLE company ALTER stock_code TYPE text",
        &["column company.stock_code is text", "character varying(16)"],
        "ALTER TABLE company ALTER stock_code TYPE varchar(16)",
    ),
    (
        "ALTER TABLE stockprice RENAME volume TO turnover",
        &["stockprice has no column volume"],
        "ALTER TABLE stockprice RENAME turnover TO volume",
    ),
    (
        "ALTER TABLE stockprice_ma ALTER ma_value TYPE numeric",
        &["column stockprice_ma.ma_value is numeric"],
        "ALTER TABLE stockprice_ma ALTER ma_value TYPE float",
    ),
    (
        "ALTER TABLE company ALTER company_name DROP NOT NULL",
        &["company.company_name may be null"],
        "ALTER TABLE company ALTER company_name SET NOT NULL",
    ),
    (
        "ALTER TABLE company ADD status text",
        &["column company.status is in the way of ours"],
        "ALTER TABLE company DROP status",
    ),
    (
        "ALTER TABLE company ADD sector int; UPDATE company SET sector = 1; ALTER TABLE company ALTER sector SET NOT NULL",
        &["company.sector is none of the original's"],
        "ALTER TABLE company DROP sector",
    ),
    (
        "ALTER TABLE stockprice DROP CONSTRAINT stockprice_pkey",
        &["the primary key of stockprice is (none)", "(company_id, date)"],
        "ALTER TABLE stockprice ADD PRIMARY KEY (company_id, date)",
    ),
    (
        "ALTER TABLE stockprice DROP CONSTRAINT stockprice_company_id_fkey",
        &["stockprice has no foreign key"],
        "ALTER TABLE stockprice ADD CONSTRAINT stockprice_company_id_fkey FOREIGN KEY (company_id) REFERENCES company (company_id)",
    ),
    (
        "INSERT INTO company VALUES ('0007', 'x', '9433', 'JP', 'x')",
        &["companies 0003 and 0007 have the same stock code 9433 (JP)"],
        "DELETE FROM company WHERE company_id = '0007'",
    ),
    (
        "INSERT INTO company VALUES ('0007', 'x', '7203 ', 'JP', 'x')",
        &["stock code '7203 ' of company 0007"],
        "DELETE FROM company WHERE company_id = '0007'",
    ),
    (
        "INSERT INTO company VALUES ('七', 'x', '130a', 'JP', 'x')",
        &["company id '七'", "stock code '130a'", "capital"],
        "DELETE FROM company WHERE company_id = '七'",
    ),
    (
        "INSERT INTO stockprice (company_id, date, close_price) VALUES ('0003', '2020-01-06', '-Infinity')",
        &["rows of stockprice that have an infinite price or volume: 1"],
        "DELETE FROM stockprice WHERE date = '2020-01-06'",
    ),
    (
        "INSERT INTO stockprice (company_id, date) VALUES ('0003', 'infinity')",
        &["rows of stockprice that have a date that no session has: 1"],
        "DELETE FROM stockprice WHERE date = 'infinity'",
    ),
    (
        "INSERT INTO stockprice_ma (company_id, date, ma_type) SELECT '0003', '2020-01-06', 'x' || n FROM generate_series(1, 60) AS n",
        &["69 different values of ma_type"],
        "DELETE FROM stockprice_ma WHERE ma_type LIKE 'x%'",
    ),
    (
        "CREATE TABLE stockprice_ma_original (n int)",
        &["stockprice_ma_original is there", "rename or drop it"],
        "DROP TABLE stockprice_ma_original",
    ),
    (
        "CREATE TABLE task (n int); CREATE VIEW audit AS SELECT 1 AS n",
        &["there is a table task that data-infrastructure did not make", "a view audit", "another database.url"],
        "DROP TABLE task; DROP VIEW audit",
    ),
    (
        "ALTER TABLE stockprice RENAME TO prices",
        &["of the original's tables stockprice is missing"],
        "ALTER TABLE prices RENAME TO stockprice",
    ),
];

#[tokio::test]
async fn a_database_that_differs_is_refused_with_what_differs_and_stays_as_it_is() {
    let Some((store, database)) = original().await else { return };
    for (change, words, back) in CASES {
        script(&database, &change.replace("; ", ";\n")).await;
        let before = shape(&database).await;
        let error = db::migrate_up(&store.url).await.unwrap_err().to_string();
        assert!(
            error.contains("nothing in it was changed") && error.contains("docs/migrating.md"),
            "{change}: {error}"
        );
        for word in words {
            assert!(error.contains(word), "{change}: {word} is missing in {error}");
        }
        assert_eq!(shape(&database).await, before, "{change}");
        script(&database, &back.replace("; ", ";\n")).await;
    }
    let before = content(&database).await;
    db::migrate_up(&store.url).await.unwrap();
    assert_eq!(content(&database).await, before);
    database.close().await;
}

#[tokio::test]
async fn all_that_differs_is_told_at_once() {
    let Some((store, database)) = original().await else { return };
    script(&database, "ALTER TABLE company DROP latitude;\nALTER TABLE stockprice ALTER volume TYPE bigint USING 1")
        .await;
    let error = db::migrate_up(&store.url).await.unwrap_err().to_string();
    assert!(
        error.contains("company has no column latitude") && error.contains("stockprice.volume is bigint"),
        "{error}"
    );
    database.close().await;
}

#[tokio::test]
async fn a_role_that_does_not_own_the_tables_is_told_to_connect_as_the_owner() {
    let Some((store, database)) = original().await else { return };
    let role = format!("other_{}", uuid::Uuid::now_v7().simple());
    script(&database, &format!("CREATE ROLE {role} LOGIN;\nGRANT ALL ON ALL TABLES IN SCHEMA public TO {role};\nGRANT ALL ON SCHEMA public TO {role}")).await;
    let mut url = url::Url::parse(&store.url).unwrap();
    url.set_username(&role).unwrap();
    let error = db::migrate_up(url.as_str()).await.unwrap_err().to_string();
    assert!(error.contains(&format!("cannot be changed as {role}: connect as ")), "{error}");
    script(&database, &format!("DROP OWNED BY {role};\nDROP ROLE {role}")).await;
    database.close().await;
}

#[tokio::test]
async fn a_sqlite_file_with_such_tables_is_refused_as_clearly() {
    let store = TestStore::sqlite();
    let database = Database::connect(&store.url, 1).await.unwrap();
    database
        .connection()
        .execute_unprepared("CREATE TABLE company (company_id varchar(16) PRIMARY KEY)")
        .await
        .unwrap();
    let error = db::migrate_up(&store.url).await.unwrap_err().to_string();
    for word in ["there is a table company that", "in PostgreSQL only", "nothing in it was changed"] {
        assert!(error.contains(word), "{error}");
    }
    let tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table'";
    assert_eq!(super::fixture::count(&database, tables).await, 1);
    database.close().await;
}
