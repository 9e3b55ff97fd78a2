//! The store against real files and an independent calculation.

use data_infrastructure::{
    db::{self, Database},
    stock::{
        bar::{Bar, BarBatch, Basis, CompanyId, Days},
        indicators::spec,
        overlap::OneBasis,
        store::{bars, companies, indicators, series},
    },
};

use crate::{
    support::{self, TestStore, on_both_databases, on_every_layout},
    world::day,
};

/// 7203's adjusted closes with the prices scaled alike, ascending; none when the file is not there.
fn toyota() -> Option<Vec<Bar>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/jp_yahoojp_1983_2018/7203.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        support::not_run("test on real data", "the data folder is not there");
        return None;
    };
    let bar = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |n: usize| fields[n].parse::<f64>().unwrap();
        Bar {
            date: day(&fields[0].replace('/', "-")),
            open: Some(number(1)),
            high: Some(number(2)),
            low: Some(number(3)),
            close: Some(number(4)),
            volume: Some(number(5)),
        }
    };
    Some(text.lines().skip(1).map(bar).collect())
}

async fn empty(store: &TestStore) -> (Database, CompanyId) {
    let database = Database::connect(&store.url, 4).await.unwrap();
    db::migrate_up(&store.url).await.unwrap();
    let toyota = data_infrastructure::stock::master::bundled()
        .into_iter()
        .find(|company| company.stock_code.as_str() == "7203")
        .expect("7203 is in the bundled master");
    companies::insert(database.connection(), &toyota).await.unwrap();
    (database, toyota.company_id)
}

/// The bars as those of a company nothing is stored of.
pub fn one_basis(bars: &[Bar]) -> OneBasis {
    let vouched = Days::EVER;
    let batch = BarBatch { source: "test", basis: Basis::Split, bars: bars.to_vec(), rejected: Vec::new(), vouched };
    OneBasis::join(&batch, None, &[], true).unwrap().0
}

on_every_layout!(indicators_of_7203_equal_the_databases_own_calculation, |store: TestStore| async {
    let Some(all) = toyota() else { return };
    let (database, id) = empty(&store).await;
    let positions = indicators::keep(database.connection(), &spec(&[5, 25, 75])).await.unwrap();
    // In three pieces, as runs would load them.
    for piece in [&all[..4000], &all[4000..4001], &all[4001..]] {
        let transaction = database.begin().await.unwrap();
        series::lock(&transaction, &id).await.unwrap();
        let written = bars::store(&transaction, &id, "test", &one_basis(piece)).await.unwrap();
        assert_eq!(written.inserted, piece.len() as u64);
        indicators::refresh(&transaction, &id, &positions, written.first_day.unwrap()).await.unwrap();
        transaction.commit().await.unwrap();
    }
    for (span, n) in [(5, all.len() - 4), (25, all.len() - 24), (75, all.len() - 74)] {
        for kind in ["sma", "wma", "ema"] {
            let sql = independent(kind, span);
            let row = db::one(database.connection(), &sql, []).await.unwrap().unwrap();
            let (agreeing, stored): (i64, i64) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
            assert_eq!((agreeing, stored), (n as i64, n as i64), "{kind}{span}");
        }
    }
    database.close().await;
});

/// How many stored values agree with the definition worked out in SQL, and how many are stored.
fn independent(kind: &str, span: usize) -> String {
    let value = match kind {
        "sma" => format!("SELECT i, avg(c) OVER (ORDER BY i ROWS {} PRECEDING) AS x FROM b", span - 1),
        "wma" => format!(
            "SELECT b.i, sum(p.c * ({span} - (b.i - p.i))) / ({span} * ({span} + 1) / 2.0) AS x \
             FROM b JOIN b AS p ON p.i BETWEEN b.i - {span} + 1 AND b.i GROUP BY b.i"
        ),
        _ => format!(
            "SELECT i, x FROM (WITH RECURSIVE e(i, x) AS (SELECT i, c FROM b WHERE i = 1 UNION ALL \
             SELECT b.i, b.c * 2.0 / ({span} + 1.0) + e.x * ({span} - 1.0) / ({span} + 1.0) \
             FROM e JOIN b ON b.i = e.i + 1) SELECT i, x FROM e) AS r"
        ),
    };
    format!(
        "WITH b AS MATERIALIZED (SELECT row_number() OVER (ORDER BY date) AS i, date, close_price AS c FROM stockprice), \
         v AS MATERIALIZED ({value}) \
         SELECT count(CASE WHEN abs(m.ma_value - v.x) <= 1e-9 * v.x THEN 1 END), count(*) \
         FROM stockprice_ma m JOIN b ON b.date = m.date JOIN v ON v.i = b.i \
         WHERE m.ma_type = '{kind}{span}' AND b.i >= {span}"
    )
}

on_every_layout!(a_load_is_idempotent_and_counts_exactly, |store: TestStore| async {
    let (database, id) = empty(&store).await;
    let bar = |n: u32, close: f64| Bar {
        date: day("2026-01-05") + chrono::Days::new(u64::from(n)),
        open: Some(close),
        high: Some(close * 1.01),
        low: Some(close / 3.0),
        close: Some(close),
        volume: (!n.is_multiple_of(7)).then_some(f64::from(n) + 0.5),
    };
    let mut given: Vec<Bar> = (0..1200).map(|n| bar(n, 100.0 + f64::from(n) / 7.0)).collect();
    given[3] = Bar { open: None, high: None, low: None, close: None, volume: None, ..given[3] };
    let load = async |bars: &[Bar]| {
        let transaction = database.begin().await.unwrap();
        let written = bars::store(&transaction, &id, "test", &one_basis(bars)).await.unwrap();
        transaction.commit().await.unwrap();
        (written.inserted, written.updated, written.unchanged)
    };
    assert_eq!(load(&given).await, (1200, 0, 0));
    assert_eq!(load(&given).await, (0, 0, 1200));
    given[700].close = Some(1e-3 + 2.0_f64.sqrt());
    given[3] = bar(3, 5.0);
    assert_eq!(load(&given).await, (0, 2, 1198));
    let days = data_infrastructure::stock::bar::Days { from: day("2026-01-01"), to: day("2040-01-01") };
    assert_eq!(bars::read(database.connection(), &id, days).await.unwrap(), given);
    database.close().await;
});

#[tokio::test]
async fn replicas_that_start_at_once_migrate_once() {
    let Some(store) = TestStore::postgres().await else { return };
    let start = async || {
        let database = Database::connect(&store.url, 2).await.unwrap();
        db::migrate_up(&store.url).await.unwrap();
        database.close().await;
    };
    tokio::join!(start(), start(), start(), start(), start());
}

on_both_databases!(migrations_go_down_and_up_again, |store: TestStore| async {
    let database = Database::connect(&store.url, 2).await.unwrap();
    let up = db::migrate_up(&store.url).await.unwrap();
    assert_eq!(db::migrate_up(&store.url).await.unwrap(), db::Migrated::default(), "nothing is missing");
    let down = db::migrate_down(&store.url, u32::try_from(up.applied.len()).unwrap()).await.unwrap();
    assert_eq!((down.reverted, down.applied), (up.applied, vec![]));
    assert!(db::migration_status(&database).await.unwrap().iter().all(|migration| !migration.applied));
    db::migrate_up(&store.url).await.unwrap();
    db::fresh(&store.url).await.unwrap();
    assert!(db::migration_status(&database).await.unwrap().iter().all(|migration| migration.applied));
    database.close().await;
});

#[tokio::test]
async fn every_table_and_column_of_postgres_has_its_comment() {
    let Some(store) = TestStore::postgres().await else { return };
    let (database, _) = empty(&store).await;
    let sql = "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'p')
               AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL";
    let row = db::one(database.connection(), sql, []).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
    let sql = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'p') AND obj_description(oid) IS NULL";
    let row = db::one(database.connection(), sql, []).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
    database.close().await;
}
