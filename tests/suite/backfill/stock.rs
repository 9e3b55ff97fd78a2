//! The stock job end to end: days that are missing, found and filled over HTTP.

use data_infrastructure::{
    jobs::{Backfills, RunParams},
    scheduler::run_backfiller,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::replica::{ask, router, until};
use crate::{
    support::on_both_databases,
    world::{TODAY, World, day, evening},
};

on_both_databases!(missing_days_are_found_told_and_filled, |store: TestStore| async {
    let settings = [("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2022-01-04")];
    let world = World::with(&store, &["1101", "1102", "AAPL"], &settings).await;
    // 1101 and AAPL are there from 2022 on, 1102 not at all.
    world.succeed(RunParams { companies: vec!["1101".to_owned(), "AAPL".to_owned()], ..RunParams::default() }).await;
    let clock = data_infrastructure::clock::Clock::fixed(evening(day(TODAY)));
    let assembly = &world.assembly;
    let backfills: Backfills = assembly.backfills.clone();
    let router = router(
        &world.database,
        &assembly.registry,
        assembly.triggers.clone(),
        backfills,
        &assembly.parts.metrics,
        clock,
    );
    let mut work = JoinSet::new();
    let (backfiller, cancel) = (assembly.backfiller.clone(), world.cancel.clone());
    work.spawn(async move { run_backfiller(&backfiller, &cancel).await });
    let requests = world.upstream.requests().len();

    let plan = ask(&router, "POST", "/jobs/stock/backfills", &[], r#"{"dryRun":true}"#).await.1;
    let message = "2022-01-04 to 2024-05-31 from yahoo, kabutan, stooq";
    assert_eq!(plan, json!({"items": [{"key": "1102", "message": message}], "total": 1, "nothingToDo": 2}));
    let body = r#"{"from":"2021-06-01","companies":["1101","1102"],"dryRun":true}"#;
    let (_, plan) = ask(&router, "POST", "/jobs/stock/backfills", &[], body).await;
    assert_eq!(plan["total"], 2);
    assert!(plan["items"][0]["message"].as_str().unwrap().starts_with("2021-06-01 to 2022-01-"), "{plan}");
    assert_eq!(world.upstream.requests().len(), requests, "a dry run asks nobody");

    let body = r#"{"from":"2021-06-01","companies":["1101","1102"],"maxParallel":1}"#;
    let (status, made) = ask(&router, "POST", "/jobs/stock/backfills", &[], body).await;
    assert_eq!((status, &made["total"]), (202, &json!(2)), "{made}");
    let path = made["links"]["self"].as_str().unwrap();
    let over = |told: &Value| told["finishedAt"].is_string();
    let told = until(&router, path, over).await;
    assert_eq!((&told["state"], &told["percent"]), (&json!("succeeded"), &json!(100.0)), "{told}");
    for code in ["1101", "1102"] {
        let truth: Vec<_> =
            world.truth(code, day(TODAY)).into_iter().filter(|bar| bar.date >= day("2021-06-01")).collect();
        assert_eq!(world.bars(code).await, truth, "{code}");
    }
    assert!(told["rows"]["inserted"].as_u64().unwrap() > 700, "{told}");

    // Nothing is missing any more, and so nothing is asked.
    let requests = world.upstream.requests().len();
    let (_, made) =
        ask(&router, "POST", "/jobs/stock/backfills", &[], r#"{"from":"2021-06-01","companies":["1101"]}"#).await;
    assert_eq!((&made["state"], &made["total"]), (&json!("succeeded"), &json!(0)));
    assert_eq!(world.upstream.requests().len(), requests);
    // All of it once more: equal to the bar.
    let body = r#"{"mode":"all","companies":["1101"],"from":"2024-01-04"}"#;
    let (_, made) = ask(&router, "POST", "/jobs/stock/backfills", &[], body).await;
    let told = until(&router, made["links"]["self"].as_str().unwrap(), over).await;
    assert_eq!(
        (&told["state"], &told["rows"]["inserted"], &told["rows"]["updated"]),
        (&json!("succeeded"), &json!(0), &json!(0))
    );
    assert!(told["rows"]["unchanged"].as_u64().unwrap() > 90 && world.upstream.requests().len() > requests, "{told}");
    let (status, problem) =
        ask(&router, "POST", "/jobs/stock/backfills", &[], r#"{"companies":["1101","ZZZZ"]}"#).await;
    assert_eq!(status, 422);
    assert!(problem["message"].as_str().unwrap().contains("ZZZZ"), "{problem}");
    world.end().await;
    while work.join_next().await.is_some() {}
});
