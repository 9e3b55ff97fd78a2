//! What a run and the metrics say of rows that were not loaded.

use data_infrastructure::{
    jobs::{Mode, Run, RunParams, RunState},
    stock::{
        bar::{Bar, Days},
        calendar::{Calendar, Market},
        jobs::measure_quarantine,
        sources::SourceName,
    },
};

use super::desk::{Desk, batch, flat};
use crate::{backfill::replica, support::on_both_databases, world::day};

on_both_databases!(a_run_and_the_metrics_tell_how_many_rows_are_held_and_where, |store: TestStore| async {
    let desk = Desk::new(&store, &["7777"], &[("JOBS__STOCK__HISTORY_FROM", "2024-02-01")]).await;
    assert!(desk.metrics.render().unwrap().contains("datainfra_quarantine_held_rows{source=\"kabutan\"} 0"));
    let days = Days { from: day("2024-02-01"), to: day("2024-03-29") };
    let mut bars: Vec<Bar> = Calendar::embedded(Market::Tokyo).sessions(days).map(|date| flat(date, 100.0)).collect();
    bars[7].high = Some(1.0);
    desk.tell(SourceName::Kabutan, move |query| Some(batch(SourceName::Kabutan, query, &bars, &[])));
    let (run, tasks) = desk.run(RunParams::default()).await;
    let sessions = Calendar::embedded(Market::Tokyo).sessions(days).count() as u64;
    assert_eq!((run.rows.fetched, run.rows.inserted, run.rows.rejected), (sessions, sessions - 1, 1));
    let message = tasks[0].message.as_deref().unwrap();
    assert_eq!(message, "1 row rejected, 1 new in quarantine: /api/v1/quarantine?stockCode=7777");

    measure_quarantine(desk.database.connection(), &desk.metrics).await.unwrap();
    let text = desk.metrics.render().unwrap();
    for line in [
        "datainfra_quarantine_held_rows{source=\"kabutan\"} 1",
        "datainfra_quarantine_held_rows{source=\"yahoo\"} 0",
        "datainfra_rows_total{outcome=\"rejected\",table=\"stockprice\"} 1",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    desk.sql("UPDATE stockprice_quarantine SET state = 'discarded'").await;
    measure_quarantine(desk.database.connection(), &desk.metrics).await.unwrap();
    assert!(desk.metrics.render().unwrap().contains("datainfra_quarantine_held_rows{source=\"kabutan\"} 0"));

    let assembly = &desk.assembly;
    let clock = data_infrastructure::clock::Clock::fixed(desk.now());
    let (registry, triggers, backfills) = (&assembly.registry, assembly.triggers.clone(), assembly.backfills.clone());
    let router = replica::router(&desk.database, registry, triggers, backfills, &desk.metrics, clock);
    let page = async |run: &Run| {
        let path = format!("/runs/{}", run.id);
        let (status, page) = replica::ask(&router, "GET", &path, &[("accept", "text/html")], "").await;
        assert_eq!(status, 200);
        page.as_str().unwrap().to_owned()
    };
    let link = format!("href=\"/quarantine?run={}\"", run.id);
    assert!(page(&run).await.contains(&link));

    // The same row comes again: it is counted, and neither kept nor announced anew.
    let (again, tasks) = desk.run(RunParams { mode: Mode::Full, ..RunParams::default() }).await;
    assert_eq!((again.rows.fetched, again.rows.unchanged, again.rows.rejected), (sessions, sessions - 1, 1));
    assert_eq!(tasks[0].message.as_deref(), Some("1 row rejected, none new in quarantine"));
    let page = page(&again).await;
    assert!(page.contains("1 rejected") && !page.contains("/quarantine?run="), "{page}");
    desk.end().await;
});

on_both_databases!(a_row_of_a_holiday_without_trades_is_recorded_and_waits_for_nobody, |store: TestStore| async {
    let desk = Desk::new(&store, &["7777"], &[("JOBS__STOCK__HISTORY_FROM", "2024-02-01")]).await;
    let days = Days { from: day("2024-02-01"), to: day("2024-03-29") };
    let mut bars: Vec<Bar> = Calendar::embedded(Market::Tokyo).sessions(days).map(|date| flat(date, 100.0)).collect();
    let carried = Some(100.0);
    let filler = |date| Bar { date, open: carried, high: carried, low: carried, close: carried, volume: Some(0.0) };
    bars.extend(["2024-02-12", "2024-02-23"].map(|date| filler(day(date))));
    // Prices that moved are for somebody to look at, though nothing was traded.
    bars.push(Bar { volume: Some(0.0), ..flat(day("2024-03-20"), 100.0) });
    bars.sort_by_key(|bar| bar.date);
    desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &bars, &[])));
    let held = "SELECT count(*) FROM stockprice_quarantine WHERE state = 'held' AND decided_at IS NULL";
    let decided = "SELECT count(*) FROM stockprice_quarantine WHERE state = 'discarded' AND decided_by = 'rule:holiday' \
                   AND decided_at IS NOT NULL AND note LIKE 'nothing was traded on a holiday%'";
    let full = || RunParams { mode: Mode::Full, ..RunParams::default() };
    let (run, tasks) = desk.run(full()).await;
    assert_eq!((run.rows.rejected, desk.count(held).await, desk.count(decided).await), (3, 1, 2));
    let message = tasks[0].message.as_deref().unwrap();
    assert!(message.starts_with("3 rows rejected, 1 new in quarantine: "), "{message}");
    assert_eq!(desk.assembly.registry.rejected_at(&run).await.unwrap(), Some(format!("/quarantine?run={}", run.id)));

    // As an earlier version kept them, and one that somebody decided about then.
    let id = "(SELECT min(id) FROM stockprice_quarantine WHERE decided_by = 'rule:holiday')";
    desk.sql(&format!("UPDATE stockprice_quarantine SET decided_by = 'somebody', note = 'seen' WHERE id = {id}")).await;
    let undecided = "state = 'held', decided_at = NULL, decided_by = NULL, note = ''";
    desk.sql(&format!("UPDATE stockprice_quarantine SET {undecided} WHERE decided_by = 'rule:holiday'")).await;
    assert_eq!(desk.count(held).await, 2);
    let (run, tasks) = desk.run(full()).await;
    assert_eq!((desk.count(held).await, desk.count(decided).await), (1, 1), "and no row is there twice");
    assert_eq!(desk.count("SELECT count(*) FROM stockprice_quarantine WHERE decided_by = 'somebody'").await, 1);
    assert_eq!(tasks[0].message.as_deref(), Some("3 rows rejected, none new in quarantine"));
    assert_eq!(desk.assembly.registry.rejected_at(&run).await.unwrap(), None);
    measure_quarantine(desk.database.connection(), &desk.metrics).await.unwrap();
    assert!(desk.metrics.render().unwrap().contains("datainfra_quarantine_held_rows{source=\"yahoo\"} 1"));
    desk.end().await;
});

on_both_databases!(a_run_of_new_fillers_alone_has_no_rows_to_show, |store: TestStore| async {
    let desk = Desk::new(&store, &["7777"], &[("JOBS__STOCK__HISTORY_FROM", "2024-02-01")]).await;
    let days = Days { from: day("2024-02-01"), to: day("2024-03-29") };
    let mut bars: Vec<Bar> = Calendar::embedded(Market::Tokyo).sessions(days).map(|date| flat(date, 100.0)).collect();
    bars.push(Bar { date: day("2024-03-20"), open: None, high: None, low: None, close: None, volume: Some(0.0) });
    bars.sort_by_key(|bar| bar.date);
    desk.tell(SourceName::Yahoo, move |query| Some(batch(SourceName::Yahoo, query, &bars, &[])));
    let (run, tasks) = desk.run(RunParams::default()).await;
    assert_eq!((run.rows.rejected, tasks[0].message.as_deref()), (1, Some("1 row rejected, none new in quarantine")));
    assert_eq!(desk.assembly.registry.rejected_at(&run).await.unwrap(), None);
    desk.end().await;
});

on_both_databases!(a_company_without_bars_in_the_days_asked_for_is_not_called_up_to_date, |store: TestStore| async {
    let desk = Desk::new(&store, &["7777"], &[]).await;
    desk.sql("UPDATE company SET listed_to = '2022-12-30'").await;
    let of = async |from: &str, to: &str| {
        let (from, to) = (Some(day(from)), Some(day(to)));
        let params = RunParams { from, to, companies: vec!["7777".to_owned()], ..RunParams::default() };
        let (run, mut tasks) = desk.run(params).await;
        assert_eq!((run.state, run.rows.fetched), (RunState::Succeeded, 0));
        tasks.remove(0).message
    };
    assert_eq!(of("2024-01-04", "2024-03-29").await.as_deref(), Some("nothing to fetch: delisted 2022-12-30"));
    desk.sql("UPDATE company SET listed_to = NULL").await;
    // A weekend.
    assert_eq!(of("2024-03-23", "2024-03-24").await.as_deref(), Some("nothing to fetch in these days"));
    desk.end().await;
});
