//! Single ways of an answer to the store that the simulation has shown to go wrong.

use chrono::NaiveDate;
use data_infrastructure::{
    jobs::{RunParams, RunState},
    stock::{
        bar::Days,
        sample::{Disturbance, DisturbanceKind, FaultKind, FaultPlan, SampleData, When},
    },
};

use crate::{
    support::on_both_databases,
    world::{World, company, day},
};

/// A market of one company that splits, with what Yahoo has wrong about it.
fn splitting(disturb: impl Fn(&'static str, NaiveDate) -> Disturbance) -> (SampleData, NaiveDate) {
    let days = Days { from: day("2024-04-01"), to: day("2024-05-31") };
    let market = SampleData::generated(1, 1, days);
    let series = market.series().next().unwrap();
    let split = series.splits_as_of(days.to)[0].date;
    let disturbance = disturb(series.code, split);
    (market.disturbed([disturbance]), split)
}

const YAHOO_ALONE: [(&str, &str); 2] =
    [("DATAINFRA__JOBS__STOCK__SOURCES", "yahoo"), ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-03-01")];

on_both_databases!(a_bad_row_is_kept_also_when_the_rebased_history_does_not_come, |store: TestStore| async {
    let (market, split) = splitting(|code, split| {
        let kind = DisturbanceKind::Unsound(split);
        Disturbance { source: "yahoo", code, from: split, until: Some(split), kind }
    });
    let series = market.series().next().unwrap().clone();
    let eve = series.raw_as_of(split.pred_opt().unwrap()).last().unwrap().date;
    let world = World::over(&store, market, &[company(&series)], eve, &YAHOO_ALONE).await;
    world.succeed(RunParams::default()).await;
    // The first load, the overlap, and then the whole history, which does not come.
    world.upstream.follow(FaultPlan::default().scripted(When::Nth(2), "yahoo", None, FaultKind::EmptyBody));
    world.turn_to(split);
    assert_eq!(world.run(RunParams::default()).await.state, RunState::Failed);
    let kept = format!("SELECT count(*) FROM stockprice_quarantine WHERE date = '{split}'");
    assert_eq!(world.count(&kept).await, 1);
    world.end().await;
});
