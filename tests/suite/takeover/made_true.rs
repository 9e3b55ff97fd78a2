//! Runs over a database that was taken over: the sources settle what its bars are adjusted for.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate, Weekday};
use data_infrastructure::{
    audit::Actor,
    jobs::{Mode, RunParams, RunState},
    stock::{
        bar::Bar,
        loading::{DecideError, decide},
        sample::{SampleData, Series},
        store::{quarantine::Decision, series},
    },
};

use super::fixture::{BARS, empty_original, script, text};
use crate::{
    pipeline::assert_indicators_agree,
    support::TestStore,
    world::{TODAY, World, day, evening, id_of},
};

/// The first day the original fetched, its first whole history, and its last day.
const BEGUN: &str = "2019-01-04";
const HISTORY: &str = "2022-06-01";
const LAST: &str = "2024-03-01";

fn market() -> SampleData {
    SampleData::demo(day("2027-12-30")).unwrap()
}

fn on(bars: &[Bar], date: NaiveDate) -> Bar {
    *bars.iter().find(|bar| bar.date == date).expect("a session")
}

/// As the original wrote it: a history adjusted for dividends too, then each day as it was given on the day, on Fridays by
/// a source that adjusts for splits only; without a day now and then.
fn written(series: &Series) -> Vec<Bar> {
    let mut bars: Vec<Bar> = series.total_return_bars_as_of(day(HISTORY));
    bars.retain(|bar| bar.date >= day(BEGUN));
    let later = series.bars_as_of(day(LAST)).into_iter().map(|bar| bar.date).filter(|date| *date > day(HISTORY));
    for date in later.filter(|date| date.ordinal() % 29 != 0) {
        let given =
            if date.weekday() == Weekday::Fri { series.bars_as_of(date) } else { series.total_return_bars_as_of(date) };
        bars.push(on(&given, date));
    }
    bars.retain(|bar| bar.close.is_some());
    bars
}

/// The original's database with companies and their bars.
async fn filled(companies: &[(&str, Vec<Bar>)]) -> Option<TestStore> {
    let (store, database) = empty_original().await?;
    let mut sql = String::new();
    for (code, bars) in companies {
        let id = id_of(code);
        let _ = writeln!(sql, "INSERT INTO company VALUES ('{id}', '{code}', '{code}', 'JP', 'x');");
        let number = |value: Option<f64>| value.map_or_else(|| "'NaN'".to_owned(), |value| value.to_string());
        for chunk in bars.chunks(500) {
            let row = |bar: &Bar| {
                let [open, high, low, close, volume] = [bar.open, bar.high, bar.low, bar.close, bar.volume].map(number);
                format!(
                    "('{id}', '{}', {open}, {high}, {low}, {close}, {volume}, '2020-01-01', '2020-01-02')",
                    bar.date
                )
            };
            let rows: Vec<String> = chunk.iter().map(row).collect();
            let _ = writeln!(sql, "INSERT INTO stockprice VALUES {};", rows.join(", "));
        }
    }
    script(&database, &sql).await;
    database.close().await;
    Some(store)
}

async fn message(world: &World, code: &str, run: &data_infrastructure::jobs::RunId) -> String {
    let tasks = world.tasks(run).await;
    let task = tasks.into_iter().find(|task| task.key == code).unwrap();
    format!("{} {}", task.message.unwrap_or_default(), task.error.unwrap_or_default())
}

#[tokio::test]
async fn a_run_makes_mixed_bases_one_and_keeps_what_it_replaced() {
    let codes = ["1101", "1102", "1104", "1105"];
    let data = market();
    let companies: Vec<_> = codes.iter().map(|code| (*code, written(data.get(code).unwrap()))).collect();
    let Some(store) = filled(&companies).await else { return };
    let world = World::with(&store, &[], &[]).await;
    let before = text(&world.database, BARS).await;
    let run = world.succeed(RunParams::default()).await;
    for (code, bars) in &companies {
        assert_eq!(
            world.bars(code).await,
            world.truth(code, day(TODAY)),
            "{code}: {}",
            message(&world, code, &run.id).await
        );
        let found = series::find(world.database.connection(), &id_of(code)).await.unwrap();
        assert_eq!(found.source.as_deref(), Some("yahoo"));
        assert!(!found.is_unsettled() && !bars.is_empty());
    }
    let of_1101 = "FROM stockprice_revision WHERE company_id = 'T1101'";
    assert_eq!(world.count(&format!("SELECT count(*) {of_1101}")).await, 1, "one row for all of them");
    assert_eq!(world.count(&format!("SELECT count(*) {of_1101} AND kind = 'rebase'")).await, 1);
    assert!(message(&world, "1101", &run.id).await.contains("mixed bases"));
    // Bars that stayed and bars that were set aside are those of before.
    let together = BARS.replace(
        "FROM stockprice",
        "FROM (SELECT company_id, date, open_price, high_price, low_price, close_price, volume, ins_ts, upd_ts FROM stockprice_original \
         UNION ALL SELECT company_id, date, open_price, high_price, low_price, close_price, volume, ins_ts, upd_ts \
         FROM stockprice s WHERE source = 'original') AS s",
    );
    assert_eq!(text(&world.database, &together).await, before);
    assert_indicators_agree(&world).await;
    let again = world.succeed(RunParams::default()).await;
    assert_eq!((again.rows.inserted, again.rows.updated, again.rows.fetched), (0, 0, 0));
    world.end().await;
}

#[tokio::test]
async fn bars_that_agree_with_a_source_stay_and_are_gone_on_with() {
    let data = market();
    let mut bars = data.get("1101").unwrap().bars_as_of(day(LAST));
    bars.retain(|bar| bar.date >= day(BEGUN) && bar.close.is_some());
    let count = bars.len() as i64;
    let Some(store) = filled(&[("1101", bars)]).await else { return };
    let world = World::with(&store, &[], &[]).await;
    let run = world.succeed(RunParams::default()).await;
    assert_eq!(run.rows.updated, 0);
    assert_eq!(world.bars("1101").await, world.truth("1101", day(TODAY)));
    let kept =
        "SELECT count(*) FROM stockprice WHERE source = 'original' AND ins_ts = '2020-01-01' AND upd_ts = '2020-01-02'";
    assert_eq!(world.count(kept).await, count);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision").await, 0);
    assert!(message(&world, "1101", &run.id).await.contains("agree with the source"));
    assert_indicators_agree(&world).await;
    world.end().await;
}

#[tokio::test]
async fn bars_of_before_a_split_are_brought_to_its_unit_with_those_no_source_has() {
    let data = market();
    let mut bars = data.get("1101").unwrap().bars_as_of(day(LAST));
    bars.retain(|bar| bar.date >= day(BEGUN) && bar.close.is_some());
    let scaled = |bar: &Bar| {
        let price = |value: Option<f64>| value.map(|value| value * 4.0);
        let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(price);
        Bar { open, high, low, close, volume: bar.volume.map(|volume| volume / 4.0), ..*bar }
    };
    let old: Vec<Bar> = bars.iter().map(scaled).collect();
    let Some(store) = filled(&[("1101", old)]).await else { return };
    let world = World::with(&store, &[], &[]).await;
    let run = world.succeed(RunParams::default()).await;
    assert!(message(&world, "1101", &run.id).await.contains("prices times 0.25"));
    assert_eq!(world.bars("1101").await, world.truth("1101", day(TODAY)));
    assert_eq!(world.count("SELECT count(*) FROM stockprice_original").await, bars.len() as i64);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 1);
    world.end().await;
}

#[tokio::test]
async fn what_is_asked_of_a_series_taken_over_is_first_its_whole_history() {
    let data = market();
    let Some(store) = filled(&[("1101", written(data.get("1101").unwrap()))]).await else { return };
    let world = World::with(&store, &[], &[]).await;
    let some_days = RunParams { from: Some(day("2023-11-01")), to: Some(day("2023-12-01")), ..RunParams::default() };
    for params in [some_days, RunParams { mode: Mode::Missing, ..RunParams::default() }] {
        let dry = world.succeed(RunParams { dry_run: true, ..params.clone() }).await;
        assert!(message(&world, "1101", &dry.id).await.contains("would fetch 2000-01-01 to 2024-05-31"));
    }
    world.succeed(RunParams { mode: Mode::Missing, ..RunParams::default() }).await;
    assert_eq!(world.bars("1101").await, world.truth("1101", day(TODAY)));
    world.end().await;
}

#[tokio::test]
async fn what_no_source_knows_stays_as_it_is() {
    let data = market();
    let bars = written(data.get("1101").unwrap());
    // The first is marked as delisted by the takeover; of the second nobody knows.
    let Some(store) = filled(&[("9437", bars.clone()), ("9999", bars.clone())]).await else { return };
    let world = World::with(&store, &[], &[]).await;
    let before = text(&world.database, BARS).await;
    let run = world.run(RunParams::default()).await;
    assert_eq!(run.state, RunState::Partial, "{:?}", world.tasks(&run.id).await);
    assert!(message(&world, "9437", &run.id).await.contains("delisted, and no source has its history"));
    assert_eq!(text(&world.database, BARS).await, before);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_original").await, 0);
    let sma5 = "SELECT count(*) FROM stockprice_ma WHERE company_id = 'T9437' AND ma_type = 'sma5'";
    assert_eq!(world.count(sma5).await, bars.len() as i64 - 4);
    let params = RunParams { companies: vec!["9437".to_owned()], ..RunParams::default() };
    let asked = world.upstream.requests().len();
    world.succeed(params).await;
    assert_eq!(world.upstream.requests().len(), asked, "it is asked for once");
    world.end().await;
}

#[tokio::test]
async fn a_code_that_is_another_companys_now_changes_nothing() {
    let data = market();
    let Some(store) = filled(&[("1101", written(data.get("1102").unwrap()))]).await else { return };
    let world = World::with(&store, &[], &[]).await;
    let before = text(&world.database, BARS).await;
    let run = world.run(RunParams::default()).await;
    assert_eq!(run.state, RunState::Failed, "{:?}", world.tasks(&run.id).await);
    assert_eq!(text(&world.database, BARS).await, before);
    // What did not fit is in quarantine, and nobody can accept it into a series whose basis is not known.
    let row =
        text(&world.database, "SELECT min(id) FROM stockprice_quarantine WHERE reason LIKE '%same company%'").await;
    let transaction = world.database.begin().await.unwrap();
    let decided = decide(&transaction, &row, Decision::Accept, &Actor::cli(None), "", evening(day(TODAY))).await;
    assert!(matches!(decided, Err(DecideError::Unsettled)), "{decided:?}");
    drop(transaction);
    world.end().await;
}
