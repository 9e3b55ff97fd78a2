//! What becomes of a company whose listing has ended: end to end.

use data_infrastructure::{
    app,
    jobs::RunParams,
    stock::{calendar::Delays, company::CompanyStatus, issues::apply, jobs::measure, store::companies},
};

use super::fixture::{applying, list_of};
use crate::{
    support::on_both_databases,
    world::{World, day, evening},
};

on_both_databases!(a_company_a_list_delists_is_fetched_to_its_last_day_and_never_stale, |store: TestStore| async {
    let history = [("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01")];
    let world = World::with(&store, &["1101", "1102", "1112"], &history).await;
    world.turn_to(day("2024-05-24"));
    world.succeed(RunParams::default()).await;

    // The list of Tuesday, 2024-05-28, lacks it: its last session is Monday's, which is not stored yet.
    let names = companies::list(world.database.connection()).await.unwrap();
    let issues: Vec<_> = names.iter().filter(|c| c.stock_code.as_str() != "1102").collect();
    let issues: Vec<_> = issues.iter().map(|c| (c.stock_code.as_str(), c.company_name.as_str(), "test")).collect();
    let list = list_of("2024-05-28", &issues);
    let transaction = world.database.begin().await.unwrap();
    assert_eq!(apply(&transaction, &applying(&list)).await.unwrap().delisted, 1);
    transaction.commit().await.unwrap();

    world.turn_to(day("2024-05-31"));
    let metrics = app::metrics(&app::MoreJobs::default()).unwrap();
    let stale = async || {
        measure(world.database.connection(), &metrics, &Delays::default(), evening(day("2024-05-31"))).await.unwrap();
        let text = metrics.render().unwrap();
        let line =
            text.lines().find(|line| line.starts_with("datainfra_data_stale_companies{country=\"JP\"}")).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(stale().await, "2", "the two that are listed");

    world.succeed(RunParams::default()).await;
    assert_eq!(world.bars("1102").await.last().unwrap().date, day("2024-05-27"));
    assert_eq!(world.bars("1101").await.last().unwrap().date, day("2024-05-31"));
    assert_eq!(stale().await, "0");

    let asked = || world.upstream.requests().iter().filter(|request| request.code == "1102").count();
    let before = asked();
    world.turn_to(day("2024-06-07"));
    world.succeed(RunParams::default()).await;
    assert_eq!(asked(), before, "nobody is asked for it any more");
    let full = RunParams { to: Some(day("2024-06-07")), companies: vec!["1102".to_owned()], ..RunParams::default() };
    world.succeed(full).await;
    assert_eq!(world.bars("1102").await.last().unwrap().date, day("2024-05-27"), "not even when somebody asks");
    let found = companies::list(world.database.connection()).await.unwrap();
    assert!(found.iter().any(|c| c.stock_code.as_str() == "1102" && c.status == CompanyStatus::Delisted));
    world.end().await;
});
