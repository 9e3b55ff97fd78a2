//! Real files, loaded and compared with what is known of each; where they are absent a test says so and passes.

use std::{collections::HashMap, path::Path};

use data_infrastructure::{
    jobs::RunState,
    stock::{
        bar::{CompanyId, StockCode},
        company::{Company, CompanyStatus},
        sources::files::{Given, Layout},
        store::companies,
    },
};

use super::{given, import, of_layout};
use crate::{
    support::{self, TestStore},
    world::{World, id_of},
};

fn folder() -> Option<std::path::PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).to_owned();
    if root.is_dir() {
        return Some(root);
    }
    support::not_run("test on real data", "the data folder is not there");
    None
}

/// Rows and days that are no session, as the list of the files counts them.
fn manifest(root: &Path) -> HashMap<String, (u64, u64)> {
    let text = std::fs::read_to_string(root.join("MANIFEST.tsv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| cells.get(at).and_then(|cell| cell.parse().ok());
        Some((cells[0].to_owned(), (number(5)?, number(14).unwrap_or(0))))
    };
    text.lines().skip(1).filter_map(row).collect()
}

/// A world after the newest of the files, with these companies of Tokyo.
async fn world(store: &TestStore, codes: &[&str]) -> World {
    let world = World::new(store, &[]).await;
    world.set_now("2026-11-20T09:00:00Z".parse().unwrap());
    for code in codes {
        let company = Company {
            company_id: CompanyId::parse(id_of(&code.replace('^', "")).as_str()).unwrap(),
            company_name: (*code).to_owned(),
            stock_code: StockCode::parse(code).unwrap(),
            country_code: "JP".to_owned(),
            listed_market: "test".to_owned(),
            foundation_date: None,
            longitude: None,
            latitude: None,
            status: CompanyStatus::Active,
            listed_from: None,
            listed_to: None,
        };
        assert!(companies::insert(world.database.connection(), &company).await.unwrap());
    }
    world
}

/// Imports a file; gives inserted and rejected rows.
async fn loaded(world: &World, root: &Path, path: &str, given: Given) -> (u64, u64) {
    let run = import(world, given, std::fs::read(root.join(path)).unwrap()).await;
    assert_eq!(run.state, RunState::Succeeded, "{path}: {:?}", world.tasks(&run.id).await);
    (run.rows.inserted, run.rows.rejected)
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn yahoo_japans_files_are_loaded_to_the_last_row() {
    let Some(root) = folder() else { return };
    let known = manifest(&root);
    let codes = ["1301", "1306", "1321", "3906", "4755", "6028", "6758", "7203", "8697", "9432", "9433", "9437"];
    let store = TestStore::sqlite();
    let world = world(&store, &codes).await;
    for code in codes {
        let path = format!("jp_yahoojp_1983_2018/{code}.csv");
        // The day that the list's calendar lacks is a session by ours.
        let (rows, _) = known[&path];
        assert_eq!(loaded(&world, &root, &path, given(name(&path))).await, (rows, 0), "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn jquants_adjusted_files_are_loaded_but_for_the_session_without_trades() {
    let Some(root) = folder() else { return };
    let known = manifest(&root);
    let store = TestStore::sqlite();
    let world = world(&store, &["1306", "6758", "7203", "8306", "9433"]).await;
    for code in ["1306", "6758", "7203", "8306", "9433"] {
        let path = format!("jp_jquants_adj_2016_2026/{code}.csv");
        let (rows, _) = known[&path];
        let named = of_layout(name(&path), Layout::Plain);
        assert_eq!(loaded(&world, &root, &path, named).await, (rows - 1, 1), "{path}");
    }
    let day = "SELECT count(*) FROM stockprice_quarantine WHERE date = '2020-10-01' AND reason LIKE '%is no number%'";
    assert_eq!(world.count(day).await, 5);
    world.end().await;
}

#[tokio::test]
async fn yfinances_files_are_loaded_but_for_phantom_holidays() {
    let Some(root) = folder() else { return };
    let known = manifest(&root);
    let store = TestStore::sqlite();
    let world = world(&store, &["130A", "7203", "9433"]).await;
    for code in ["130A", "7203", "9433"] {
        let path = format!("jp_yahoo_2013_2024_yfinance_multiindex/{code}.T.csv");
        let (rows, off) = known[&path];
        assert_eq!(loaded(&world, &root, &path, given(name(&path))).await, (rows - off, off), "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn two_vendors_of_one_company_agree_or_are_told_apart_and_the_stored_series_stays() {
    let Some(root) = folder() else { return };
    let store = TestStore::sqlite();
    let world = world(&store, &["7203", "9433"]).await;
    for code in ["7203", "9433"] {
        let path = format!("jp_jquants_adj_2016_2026/{code}.csv");
        loaded(&world, &root, &path, of_layout(name(&path), Layout::Plain)).await;
    }
    let sum = "SELECT CAST(sum(close_price) AS bigint) FROM stockprice";
    let before = world.count(sum).await;
    for code in ["7203", "9433"] {
        let path = format!("jp_yahoo_2013_2024_yfinance_multiindex/{code}.T.csv");
        let run = import(&world, given(name(&path)), std::fs::read(root.join(&path)).unwrap()).await;
        // 9433 split after the file ends, and both have a stretch of 2019 that is known to be wrong.
        let error = world.tasks(&run.id).await[0].error.clone().unwrap();
        let expected =
            if code == "9433" { "neither few corrections nor a constant ratio" } else { "too many to be corrections" };
        assert!(error.contains(expected), "{code}: {error}");
    }
    assert_eq!(world.count(sum).await, before);
    world.end().await;
}

#[tokio::test]
async fn stooqs_index_is_loaded_from_1949_on_and_its_bad_day_is_not() {
    let Some(root) = folder() else { return };
    let store = TestStore::sqlite();
    let world = world(&store, &["^NKX"]).await;
    let (inserted, rejected) = loaded(&world, &root, "stooq/^nkx_d.1914-2020.csv", given("^nkx_d.csv")).await;
    assert_eq!(inserted + rejected, 18_653);
    let early = world.count("SELECT count(*) FROM stockprice_quarantine WHERE reason LIKE '%before 1949%'").await;
    assert_eq!(early, 140);
    let (inserted, rejected) = loaded(&world, &root, "stooq/^nkx_d.2021-2026.csv", given("^nkx_d.csv")).await;
    assert_eq!((inserted, rejected), (1_221, 0));
    assert_eq!(world.count("SELECT count(*) FROM stockprice WHERE date < '1949-01-01'").await, 0);
    // As Stooq gives the session without trades: a close above the high, and no volume. The numbers are invented.
    let mut text = "Date,Open,High,Low,Close,Volume\r\n".to_owned();
    for day in ["09-24", "09-25", "09-28", "09-29", "09-30", "10-02", "10-05", "10-06"] {
        text.push_str(&format!("2020-{day},21900,22100,21800,22000,1000\r\n"));
    }
    text.push_str("2020-10-01,21900,22100,21800,22200\r\n");
    let run = import(&world, given("^nkx_d.csv"), text).await;
    assert_eq!((run.rows.inserted, run.rows.rejected), (8, 1), "{:?}", world.tasks(&run.id).await);
    let bad =
        "SELECT count(*) FROM stockprice_quarantine WHERE date = '2020-10-01' AND reason LIKE '%below the close%'";
    assert_eq!(world.count(bad).await, 1);
    world.end().await;
}
