//! Data that should be there and are not.

use chrono::{DateTime, TimeDelta, Utc};
use data_infrastructure::{
    app,
    db::execute,
    jobs::{Tick, TickOutcome, store},
    stock::{
        calendar::Delays,
        jobs::{Freshness, StockJob, measure},
        store::series,
    },
};

use crate::{
    support::on_both_databases,
    world::{TODAY, World, day, evening},
};

on_both_databases!(companies_are_overdue_only_once_the_job_was_due_and_had_its_time, |store: TestStore| async {
    let world = World::new(&store, &["1101", "1102"]).await;
    let connection = world.database.connection();
    let metrics = app::metrics(&app::MoreJobs::default()).unwrap();
    // What a run a week ago would have left.
    for company in data_infrastructure::stock::store::companies::list(connection).await.unwrap().iter().take(1) {
        let mut series = series::lock(connection, &company.company_id).await.unwrap();
        let last_week = day(TODAY) - TimeDelta::days(7);
        series.covered = Some(data_infrastructure::stock::bar::Days { from: day("2024-01-04"), to: last_week });
        series::save(connection, &company.company_id, &series).await.unwrap();
    }
    let due = evening(day(TODAY));
    let overdue = async |hours: i64| -> Vec<Freshness> {
        let measured = measure(connection, &metrics, &Delays::default(), due + TimeDelta::hours(hours)).await.unwrap();
        measured.into_iter().filter(|country| country.overdue > 0).collect()
    };
    assert!(overdue(20).await.is_empty(), "the job was never due");
    let tick = Tick { scheduled_for: due, outcome: TickOutcome::Fired, run_id: None, lateness_ms: 0 };
    assert_eq!(store::record_ticks(connection, &[(StockJob::NAME, tick)]).await.unwrap().len(), 1);
    assert!(overdue(2).await.is_empty(), "the run may still be on its way");
    // One of them has never been loaded, which its own runs tell.
    let expected = Freshness { country: "JP", companies: 1, overdue: 1, session: Some(day(TODAY)) };
    assert_eq!(overdue(3).await, [expected]);
    let text = metrics.render().unwrap();
    let session = day(TODAY).and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
    for line in [
        "datainfra_data_stale_companies{country=\"JP\"} 2".to_owned(),
        "datainfra_data_overdue_companies{country=\"JP\"} 1".to_owned(),
        // Of those with bars: the one that was never loaded is no part of what some may be overdue of.
        "datainfra_data_companies{country=\"JP\"} 1\n".to_owned(),
        format!("datainfra_data_due_session_timestamp_seconds{{country=\"JP\"}} {session}\n"),
        // No company with bars: nobody expects any.
        "datainfra_data_overdue_companies{country=\"US\"} 0".to_owned(),
        "datainfra_data_due_session_timestamp_seconds{country=\"US\"} 0\n".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} in {text}");
    }
});

on_both_databases!(while_the_job_is_paused_nothing_becomes_due, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let connection = world.database.connection();
    let metrics = app::metrics(&app::MoreJobs::default()).unwrap();
    let company = data_infrastructure::stock::store::companies::list(connection).await.unwrap().remove(0);
    let mut series = series::lock(connection, &company.company_id).await.unwrap();
    let last_week = day(TODAY) - TimeDelta::days(7);
    series.covered = Some(data_infrastructure::stock::bar::Days { from: day("2024-01-04"), to: last_week });
    series::save(connection, &company.company_id, &series).await.unwrap();
    let now = evening(day(TODAY)) + TimeDelta::hours(5);
    let overdue = async || -> usize {
        let measured = measure(connection, &metrics, &Delays::default(), now).await.unwrap();
        measured.iter().map(|country| country.overdue).sum()
    };
    for (days_ago, outcome, expected) in
        [(7, TickOutcome::Fired, 0), (0, TickOutcome::SkippedPaused, 0), (1, TickOutcome::Missed, 1)]
    {
        let scheduled_for = evening(day(TODAY)) - TimeDelta::days(days_ago);
        let tick = Tick { scheduled_for, outcome, run_id: None, lateness_ms: 0 };
        store::record_ticks(connection, &[(StockJob::NAME, tick)]).await.unwrap();
        assert_eq!(overdue().await, expected, "{outcome}");
    }
});

on_both_databases!(only_active_companies_count_as_stale, |store: TestStore| async {
    let history = [("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04")];
    let world = World::with(&store, &["1101", "1102", "1108", "AAPL"], &history).await;
    let connection = world.database.connection();
    let metrics = app::metrics(&app::MoreJobs::default()).unwrap();
    let delist = "UPDATE company SET status = 'delisted' WHERE stock_code = '1108'";
    execute(connection, delist, []).await.unwrap();
    let stale = async |now: DateTime<Utc>| -> (String, String) {
        measure(connection, &metrics, &Delays::default(), now).await.unwrap();
        let text = metrics.render().unwrap();
        let of = |country: &str| {
            let name = format!("datainfra_data_stale_companies{{country=\"{country}\"}} ");
            text.lines().find_map(|line| line.strip_prefix(&name)).unwrap().to_owned()
        };
        (of("JP"), of("US"))
    };
    let told = |jp: &str| (jp.to_owned(), "0".to_owned());
    // Nothing is stored yet: the delisted one and the ended one are not waited for.
    assert_eq!(stale(evening(day(TODAY))).await, told("2"));
    world.succeed(data_infrastructure::jobs::RunParams::default()).await;
    assert_eq!(stale(evening(day(TODAY))).await, told("0"));
    // A session later both lack it, but nobody waits for one that is no longer watched.
    let later = evening(day("2024-06-03"));
    assert_eq!(stale(later).await, told("2"));
    execute(connection, "UPDATE company SET status = 'unwatched' WHERE stock_code = '1102'", []).await.unwrap();
    assert_eq!(stale(later).await, told("1"));
    world.end().await;
});
