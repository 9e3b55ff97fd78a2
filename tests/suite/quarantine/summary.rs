//! What a run and the metrics say of rows that were not loaded.

use data_infrastructure::{
    jobs::RunParams,
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
    assert_eq!(run.rows.rejected, 1);
    let message = tasks[0].message.as_deref().unwrap();
    assert_eq!(message, "1 row quarantined: /api/v1/quarantine?stockCode=7777");

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
    let path = format!("/runs/{}", run.id);
    let (status, page) = replica::ask(&router, "GET", &path, &[("accept", "text/html")], "").await;
    assert_eq!(status, 200);
    let link = format!("href=\"/quarantine?run={}\"", run.id);
    assert!(page.as_str().unwrap().contains(&link), "{page}");
    desk.end().await;
});
