//! J-Quants through the whole system, on both databases: its plans, its splits, its economy, its refusals.

use chrono::TimeDelta;
use data_infrastructure::{
    app::{self, calendar_source, master_source},
    crawl::Answer,
    jobs::{Run, RunParams, RunState, Tick, TickOutcome, store},
    stock::{
        bar::{Bar, Days},
        calendar::{Calendar, Delays, Market},
        jobs::{StockJob, measure},
        sample::{Fault, FaultKind, JQUANTS_FREE_KEY},
        sources::{CalendarQuery, ListQuery},
    },
};

use crate::{
    support::on_both_databases,
    world::{TODAY, World, day, evening},
};

const ENABLED: (&str, &str) = ("DATAINFRA__SOURCES__JQUANTS__ENABLED", "true");
const ALONE: (&str, &str) = ("DATAINFRA__JOBS__STOCK__SOURCES", "jquants");
const FREE: [(&str, &str); 3] = [
    ENABLED,
    ("DATAINFRA__SOURCES__JQUANTS__PLAN", "free"),
    ("DATAINFRA__SOURCES__JQUANTS__API_KEY", JQUANTS_FREE_KEY),
];
/// Twelve weeks before TODAY, and two years before that.
const FREE_TO: &str = "2024-03-08";
const FREE_FROM: &str = "2022-03-08";

fn params() -> RunParams {
    RunParams::default()
}

fn between(bars: Vec<Bar>, from: &str, to: &str) -> Vec<Bar> {
    bars.into_iter().filter(|bar| day(from) <= bar.date && bar.date <= day(to)).collect()
}

fn paths(world: &World) -> Vec<String> {
    let requests = world.upstream.requests();
    requests.into_iter().filter(|request| request.source == "jquants").map(|request| request.path).collect()
}

async fn error(world: &World, run: &Run, code: &str) -> String {
    let tasks = world.tasks(&run.id).await;
    tasks.into_iter().find(|task| task.key == code).and_then(|task| task.error).unwrap_or_default()
}

on_both_databases!(splits_that_j_quants_announces_rebase_the_history, |store: TestStore| async {
    // 1105 consolidates 10:1 on 2018-09-26, more than any close may leap by itself.
    let settings = [ENABLED, ALONE, ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2018-06-01")];
    let world = World::with(&store, &["1105", "1110"], &settings).await;
    let (mut today, end) = (day("2018-09-20"), "2018-10-02");
    while today <= day(end) {
        world.turn_to(today);
        world.succeed(params()).await;
        today = Calendar::embedded(Market::Tokyo).next_session_after(today);
    }
    for code in ["1105", "1110"] {
        let truth = between(world.truth(code, day(end)), "2018-06-01", end);
        assert_eq!(world.bars(code).await, truth, "{code}");
    }
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM stockprice WHERE source <> 'jquants'").await, 0);
    world.end().await;
});

on_both_databases!(the_free_plan_alone_gives_its_days_and_nothing_counts_as_stale, |store: TestStore| async {
    let settings = [FREE[0], FREE[1], FREE[2], ALONE, ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2015-01-05")];
    let world = World::with(&store, &["1104", "1110"], &settings).await;
    world.succeed(params()).await;
    for code in ["1104", "1110"] {
        let truth = between(world.truth(code, day(TODAY)), FREE_FROM, FREE_TO);
        assert_eq!(world.bars(code).await, truth, "{code}");
    }
    let asked = paths(&world).len();
    let again = world.succeed(params()).await;
    assert!(world.tasks(&again.id).await.iter().all(|task| task.message.as_deref() == Some("up to date")));
    assert_eq!(paths(&world).len(), asked, "twelve weeks are nothing to ask for");
    // The next session lets one more day appear.
    world.turn_to(Calendar::embedded(Market::Tokyo).next_session_after(day(TODAY)));
    let monday = world.succeed(params()).await;
    assert_eq!(monday.rows.inserted, 2, "{:?}", world.tasks(&monday.id).await);
    assert_eq!(world.bars("1104").await.last().unwrap().date, day("2024-03-11"));
    world.end().await;
});

on_both_databases!(freshness_is_judged_by_what_can_be_had, |store: TestStore| async {
    let settings = [FREE[0], FREE[1], FREE[2], ALONE, ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2023-01-04")];
    let world = World::with(&store, &["1101"], &settings).await;
    world.succeed(params()).await;
    let connection = world.database.connection();
    let metrics = app::metrics(&app::MoreJobs::default()).unwrap();
    let due = evening(day(TODAY));
    let tick = Tick { scheduled_for: due, outcome: TickOutcome::Fired, run_id: None, lateness_ms: 0 };
    store::record_ticks(connection, &[(StockJob::NAME, tick)]).await.unwrap();
    let overdue = async |delays: &Delays, hours: i64| -> usize {
        let measured = measure(connection, &metrics, delays, due + TimeDelta::hours(hours)).await.unwrap();
        measured.iter().map(|country| country.overdue).sum()
    };
    let stale = |count: u32| {
        let text = metrics.render().unwrap();
        assert!(text.contains(&format!("datainfra_data_stale_companies{{country=\"JP\"}} {count}")), "{text}");
    };
    assert_eq!(overdue(&app::delays(&world.config.stock), 4).await, 0);
    stale(0);
    assert_eq!(overdue(&Delays::default(), 4).await, 1, "without the plan's delay it would be an alarm");
    stale(1);
    // What the plan does give by then is missed all the same.
    assert_eq!(overdue(&app::delays(&world.config.stock), 24 * 7).await, 0, "the job was not due again");
    stale(1);
    world.end().await;
});

on_both_databases!(the_free_plan_leaves_what_it_does_not_cover_to_the_next_source, |store: TestStore| async {
    let settings = [FREE[0], FREE[1], FREE[2], ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2021-01-04")];
    let world = World::with(&store, &["1102"], &settings).await;
    // The day after: no session is so fresh that the others would be asked for its sake.
    world.set_now(evening(day(TODAY)) + TimeDelta::hours(20));
    world.succeed(params()).await;
    let truth = between(world.truth("1102", day(TODAY)), "2021-01-04", TODAY);
    assert_eq!(world.bars("1102").await, truth);
    let before = paths(&world).len();
    world.turn_to(day("2024-06-03"));
    let run = world.succeed(params()).await;
    assert_eq!(world.tasks(&run.id).await[0].source.as_deref(), Some("yahoo"));
    assert_eq!(paths(&world).len(), before, "days outside the plan cost no request");
    // Nobody serves: that is a failure with its reasons, not an answer of nothing.
    for source in ["yahoo", "kabutan", "stooq"] {
        world.upstream.inject(Fault::new(source, FaultKind::BlockPage));
    }
    world.turn_to(day("2024-06-04"));
    let run = world.run(params()).await;
    assert_eq!(run.state, RunState::Failed);
    let error = error(&world, &run, "1102").await;
    assert!(error.contains("jquants: blocked: the free plan covers 2022-03-12 to 2024-03-12 only"), "{error}");
    world.end().await;
});

on_both_databases!(a_run_over_many_companies_asks_for_the_day_and_not_for_each, |store: TestStore| async {
    let codes = ["1101", "1102", "1103", "1104", "1105", "1106", "1107", "1109", "1110", "1111", "1112", "100A"];
    let settings = [
        ENABLED,
        ALONE,
        ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01"),
        ("DATAINFRA__JOBS__STOCK__OVERLAP_SESSIONS", "1"),
    ];
    let world = World::with(&store, &codes, &settings).await;
    world.turn_to(day("2024-05-29"));
    world.succeed(params()).await;
    for today in ["2024-05-30", TODAY] {
        world.turn_to(day(today));
        let before = paths(&world).len();
        world.succeed(params()).await;
        let asked = paths(&world).split_off(before);
        let by_day = asked.iter().filter(|path| path.contains("date=")).count();
        assert!(by_day > 0 && asked.len() < codes.len(), "{asked:#?}");
    }
    for code in codes {
        let truth = between(world.truth(code, day(TODAY)), "2024-04-01", TODAY);
        assert_eq!(world.bars(code).await, truth, "{code}");
    }
    world.end().await;
});

on_both_databases!(a_wrong_key_fails_with_what_to_do_and_is_asked_with_once, |store: TestStore| async {
    let wrong = ("DATAINFRA__SOURCES__JQUANTS__API_KEY", "somebody-elses");
    let settings = [ENABLED, wrong, ALONE, ("DATAINFRA__JOBS__STOCK__PARALLEL", "1")];
    let world = World::with(&store, &["1101", "1102"], &settings).await;
    let run = world.run(params()).await;
    assert_eq!(run.state, RunState::Failed);
    let errors = [error(&world, &run, "1101").await, error(&world, &run, "1102").await];
    assert!(
        errors.iter().any(|error| error.contains("invalid or expired") && error.contains("sources.jquants.api_key"))
    );
    assert!(errors.iter().all(|error| !error.contains("somebody-elses")), "{errors:?}");
    assert_eq!(paths(&world).len(), 1, "the breaker is open");
    world.end().await;
});

on_both_databases!(each_fault_of_j_quants_falls_to_the_next_source, |store: TestStore| async {
    let history = ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04");
    let world = World::with(&store, &["1102", "1105", "1107", "1110", "1112"], &[ENABLED, history]).await;
    let faults = [
        ("1102", FaultKind::EmptyBody),
        ("1105", FaultKind::Html),
        ("1107", FaultKind::Truncated),
        ("1110", FaultKind::Status(500)),
        ("1112", FaultKind::Status(404)),
    ];
    for (code, kind) in faults {
        world.upstream.inject(Fault::new("jquants", kind).of_code(code));
    }
    let run = world.succeed(params()).await;
    assert!(world.tasks(&run.id).await.iter().all(|task| task.source.as_deref() == Some("yahoo")));
    for (code, _) in faults {
        let truth = between(world.truth(code, day(TODAY)), "2024-01-04", TODAY);
        assert_eq!(world.bars(code).await, truth, "{code}");
    }
    world.end().await;
});

on_both_databases!(an_unknown_company_and_too_large_a_range_are_told_apart_from_nothing, |store: TestStore| async {
    let settings = [ENABLED, ALONE, ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04")];
    let world = World::with(&store, &["1101", "1102"], &settings).await;
    world.upstream.unlist("jquants", "1101");
    world.upstream.inject(Fault::new("jquants", FaultKind::Status(413)).of_code("1102").times(3));
    let run = world.run(params()).await;
    assert_eq!((run.state, run.done, run.failed), (RunState::Partial, 1, 1));
    assert_eq!(error(&world, &run, "1101").await, "jquants: does not know the code");
    let truth = between(world.truth("1102", day(TODAY)), "2024-01-04", TODAY);
    assert_eq!(world.bars("1102").await, truth);
    world.end().await;
});

on_both_databases!(the_list_and_the_calendar_come_from_j_quants_where_it_is_enabled, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[ENABLED]).await;
    let (stock, parts) = (&world.config.stock, &world.assembly.parts);
    let list = master_source(stock, parts).unwrap().expect("enabled");
    let Ok(Answer::Data(list)) = list.fetch(&ListQuery::default(), &world.cancel).await else { panic!("a list") };
    let codes: Vec<_> = list.issues.iter().map(|issue| issue.code.as_str()).collect();
    assert!(codes.contains(&"100A") && codes.contains(&"1101") && !codes.contains(&"1108"), "{codes:?}");
    assert_eq!((list.complete, list.as_of, codes.len()), (true, day(TODAY), 12));
    let calendar = calendar_source(stock, parts).unwrap().expect("enabled");
    let query = CalendarQuery { days: Days { from: day("2023-01-01"), to: day("2024-12-31") } };
    let Ok(Answer::Data(days)) = calendar.fetch(&query, &world.cancel).await else { panic!("a calendar") };
    assert_eq!(days.len(), 365 + 366);
    assert!(days.iter().all(|found| found.is_open == Calendar::embedded(Market::Tokyo).is_session(found.date)));
    world.end().await;
    let without = World::with(&store, &[], &[]).await;
    let parts = &without.assembly.parts;
    assert!(master_source(&without.config.stock, parts).unwrap().is_none());
    without.end().await;
});
