//! The main job end to end on both databases: upstream over HTTP, sources, checks, store, indicators.

use data_infrastructure::{
    jobs::{Mode, RunParams, RunState},
    stock::{
        bar::Bar,
        calendar::{Calendar, Market},
        sample::{Fault, FaultKind},
    },
};

use crate::{
    support::{on_both_databases, on_every_layout},
    world::{TODAY, World, day},
};

fn params() -> RunParams {
    RunParams::default()
}

on_every_layout!(a_first_run_stores_the_market_bar_for_bar, |store: TestStore| async {
    let codes = ["1101", "1102", "1104", "1105", "1107", "1110", "100A", "AAPL"];
    let world = World::new(&store, &codes).await;
    let run = world.succeed(params()).await;
    assert_eq!((run.total, run.done), (8, 8));
    for code in codes {
        assert_eq!(world.bars(code).await, world.truth(code, day(TODAY)), "{code}");
    }
    assert_eq!(world.count("SELECT count(*) FROM stockprice WHERE source <> 'yahoo' OR source IS NULL").await, 0);
    world.end().await;
});

on_both_databases!(each_source_alone_gives_the_same_series, |store: TestStore| async {
    for source in ["jquants", "yahoo", "kabutan", "stooq"] {
        let settings = [
            ("DATAINFRA__SOURCES__JQUANTS__ENABLED", "true"),
            ("DATAINFRA__JOBS__STOCK__SOURCES", source),
            ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2021-01-04"),
        ];
        let world = World::with(&store, &["1102", "1104", "1110"], &settings).await;
        for table in ["stockprice_indicator", "stockprice", "stockprice_series"] {
            let sql = format!("DELETE FROM {table}");
            data_infrastructure::db::execute(world.database.connection(), &sql, []).await.unwrap();
        }
        let run = world.succeed(params()).await;
        assert!(world.tasks(&run.id).await.iter().all(|task| task.source.as_deref() == Some(source)));
        for code in ["1102", "1104", "1110"] {
            let traded = |bars: Vec<Bar>| -> Vec<Bar> {
                bars.into_iter().filter(|bar| bar.date >= day("2021-01-04") && bar.close.is_some()).collect()
            };
            let truth = traded(world.truth(code, day(TODAY)));
            assert_eq!(traded(world.bars(code).await), truth, "{source} {code}");
        }
        world.end().await;
    }
});

on_every_layout!(a_second_run_asks_nobody_and_writes_nothing, |store: TestStore| async {
    let world = World::new(&store, &["1101", "1107", "1110", "AAPL"]).await;
    world.succeed(params()).await;
    let requests = world.upstream.requests().len();
    let stamps = "SELECT count(*) FROM stockprice WHERE upd_ts <> ins_ts";
    let again = world.succeed(params()).await;
    assert_eq!(world.upstream.requests().len(), requests);
    assert_eq!((again.rows.fetched, again.rows.inserted, again.rows.updated), (0, 0, 0));
    assert!(world.tasks(&again.id).await.iter().all(|task| task.message.as_deref() == Some("up to date")));
    assert_eq!(world.count(stamps).await, 0);
    world.end().await;
});

on_every_layout!(day_by_day_across_splits_equals_one_load, |store: TestStore| async {
    // 1104 splits 1:3 on 2023-03-30; 1102 has split long before.
    let world = World::with(&store, &["1102", "1104"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2022-06-01")]).await;
    let mut today = day("2023-03-20");
    while today <= day("2023-04-14") {
        world.turn_to(today);
        world.succeed(params()).await;
        today = Calendar::embedded(Market::Tokyo).next_session_after(today);
    }
    let end = day("2023-04-14");
    for code in ["1102", "1104"] {
        let truth: Vec<_> = world.truth(code, end).into_iter().filter(|bar| bar.date >= day("2022-06-01")).collect();
        assert_eq!(world.bars(code).await, truth, "{code}");
    }
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 1);
    assert_indicators_agree(&world).await;
    world.end().await;
});

on_every_layout!(a_tenfold_split_rebases_though_the_source_announces_none, |store: TestStore| async {
    // 1105 consolidates 10:1 on 2018-09-26; Kabutan's pages say nothing of splits.
    let settings =
        [("DATAINFRA__JOBS__STOCK__SOURCES", "kabutan"), ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2018-06-01")];
    let world = World::with(&store, &["1105"], &settings).await;
    for today in ["2018-09-25", "2018-09-26", "2018-09-28"] {
        world.turn_to(day(today));
        world.succeed(params()).await;
    }
    let today = day("2018-09-28");
    let truth: Vec<_> = world.truth("1105", today).into_iter().filter(|bar| bar.date >= day("2018-06-01")).collect();
    assert_eq!(world.bars("1105").await, truth);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 1);
    assert_indicators_agree(&world).await;
    world.end().await;
});

on_both_databases!(any_split_of_a_range_into_runs_gives_the_same_rows, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2021-01-04")]).await;
    let ranges = [("2022-03-01", "2022-08-31"), ("2023-06-01", "2023-07-14"), ("2021-01-04", "2022-04-01")];
    for (from, to) in ranges {
        world.succeed(RunParams { from: Some(day(from)), to: Some(day(to)), ..params() }).await;
    }
    world.succeed(params()).await;
    let truth: Vec<_> = world.truth("1101", day(TODAY)).into_iter().filter(|b| b.date >= day("2021-01-04")).collect();
    assert_eq!(world.bars("1101").await, truth);
    assert_indicators_agree(&world).await;
    world.end().await;
});

on_both_databases!(a_bad_row_is_quarantined_with_its_reason_and_once, |store: TestStore| async {
    let world = World::new(&store, &["1109"]).await;
    let run = world.succeed(params()).await;
    assert!(run.rows.rejected >= 1);
    let bad = "SELECT count(*) FROM stockprice_quarantine WHERE date = '2019-06-18' AND reason LIKE '%high%'";
    assert_eq!(world.count(bad).await, 1);
    assert!(world.bars("1109").await.iter().all(|bar| bar.date != day("2019-06-18")));
    let kept = world.count("SELECT count(*) FROM stockprice_quarantine").await;
    world.succeed(RunParams { mode: Mode::Full, ..params() }).await;
    assert_eq!(world.count("SELECT count(*) FROM stockprice_quarantine").await, kept);
    world.end().await;
});

on_both_databases!(each_fault_falls_to_the_next_source_with_its_reason, |store: TestStore| async {
    let history = [("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01")];
    let world = World::with(&store, &["1102", "1105", "1107", "1110", "1112"], &history).await;
    let faults = [
        ("1102", FaultKind::EmptyBody),
        ("1105", FaultKind::Html),
        ("1107", FaultKind::Huge(100 * 1024 * 1024)),
        ("1110", FaultKind::Truncated),
        ("1112", FaultKind::Status(500)),
    ];
    for (code, kind) in faults {
        world.upstream.inject(Fault::new("yahoo", kind).of_code(code));
    }
    let run = world.succeed(params()).await;
    for task in world.tasks(&run.id).await {
        assert_eq!(task.source.as_deref(), Some("kabutan"), "{task:?}");
    }
    for (code, _) in faults {
        let truth: Vec<_> = world.truth(code, day(TODAY)).into_iter().filter(|b| b.date >= day("2024-04-01")).collect();
        assert_eq!(world.bars(code).await, truth, "{code}");
    }
    world.end().await;
});

on_both_databases!(a_company_no_source_serves_fails_alone_and_says_why, |store: TestStore| async {
    let world = World::new(&store, &["1101", "1112"]).await;
    for source in ["yahoo", "kabutan", "stooq"] {
        world.upstream.unlist(source, "1112");
    }
    let run = world.run(params()).await;
    assert_eq!((run.state, run.done, run.failed), (RunState::Partial, 1, 1));
    let tasks = world.tasks(&run.id).await;
    let error = tasks.iter().find(|task| task.key == "1112").and_then(|task| task.error.clone()).unwrap();
    for source in ["yahoo", "kabutan", "stooq"] {
        assert!(error.contains(source), "{error}");
    }
    assert!(error.contains("does not know the code"), "{error}");
    assert!(!world.bars("1101").await.is_empty());
    world.end().await;
});

on_both_databases!(a_delisted_company_nobody_serves_is_given_up_and_not_asked_for_again, |store: TestStore| async {
    let world = World::new(&store, &["1101", "1108"]).await;
    for source in ["yahoo", "kabutan"] {
        world.upstream.unlist(source, "1108");
    }
    world.upstream.inject(Fault::new("stooq", FaultKind::BlockPage));
    let delist = "UPDATE company SET status = 'delisted' WHERE stock_code = '1108'";
    data_infrastructure::db::execute(world.database.connection(), delist, []).await.unwrap();
    let run = world.succeed(params()).await;
    let tasks = world.tasks(&run.id).await;
    let message = tasks.iter().find(|task| task.key == "1108").and_then(|task| task.message.clone()).unwrap();
    assert!(message.contains("no source has its history") && message.contains("stooq: blocked"), "{message}");
    let asked = world.upstream.requests().len();
    world.succeed(params()).await;
    assert_eq!(world.upstream.requests().len(), asked);
    world.end().await;
});

on_both_databases!(a_provisional_bar_is_never_stored, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01")]).await;
    world.upstream.set_provisional(true);
    // Noon in Tokyo: the session of TODAY is under way.
    world.set_now("2024-05-31T03:00:00Z".parse().unwrap());
    world.succeed(params()).await;
    assert_eq!(world.bars("1101").await.last().unwrap().date, day("2024-05-30"));
    world.end().await;
});

on_both_databases!(a_row_of_kabutan_is_refused_until_after_the_close, |store: TestStore| async {
    let settings =
        [("DATAINFRA__JOBS__STOCK__SOURCES", "kabutan"), ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01")];
    let world = World::with(&store, &["1101"], &settings).await;
    world.upstream.set_provisional(true);
    // Noon; the close at 15:00; the last minute before every source's bars are final.
    for instant in ["2024-05-31T03:00:00Z", "2024-05-31T06:01:00Z", "2024-05-31T07:44:00Z"] {
        world.set_now(instant.parse().unwrap());
        world.succeed(params()).await;
        assert_eq!(world.bars("1101").await.last().unwrap().date, day("2024-05-30"), "{instant}");
    }
    world.upstream.set_provisional(false);
    world.set_now("2024-05-31T07:45:00Z".parse().unwrap());
    world.succeed(params()).await;
    assert_eq!(world.bars("1101").await.last(), world.truth("1101", day(TODAY)).last());
    world.end().await;
});

on_both_databases!(a_company_that_its_sources_forgot_fails_and_is_not_taken_for_quiet, |store: TestStore| async {
    let world = World::with(&store, &["1102"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01")]).await;
    world.turn_to(day("2024-05-30"));
    world.succeed(params()).await;
    for source in ["yahoo", "kabutan", "stooq"] {
        world.upstream.unlist(source, "1102");
    }
    world.turn_to(day(TODAY));
    // Stooq says the same of an unknown code as of a quiet day.
    let run = world.run(params()).await;
    assert_eq!(run.state, RunState::Failed);
    let error = world.tasks(&run.id).await[0].error.clone().unwrap();
    assert!(error.contains("stooq: has none of these days, not even of those that are stored"), "{error}");
    world.end().await;
});

on_both_databases!(a_source_that_is_late_gives_way_to_one_that_is_not, |store: TestStore| async {
    let world = World::with(&store, &["1102"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01")]).await;
    world.upstream.set_late("yahoo");
    let run = world.succeed(params()).await;
    assert_eq!(world.tasks(&run.id).await[0].source.as_deref(), Some("kabutan"));
    assert_eq!(world.bars("1102").await.last().unwrap().date, day(TODAY));
    world.end().await;
});

on_both_databases!(a_session_nobody_has_published_yet_is_asked_for_again, |store: TestStore| async {
    let world = World::with(&store, &["1102"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01")]).await;
    for source in ["yahoo", "kabutan", "stooq"] {
        world.upstream.set_late(source);
    }
    world.succeed(params()).await;
    assert_eq!(world.bars("1102").await.last().unwrap().date, day("2024-05-30"));
    let asked = world.upstream.requests().len();
    world.succeed(params()).await;
    assert!(world.upstream.requests().len() > asked, "the missing session is still needed");
    world.end().await;
});

on_both_databases!(a_blocked_source_is_left_alone_for_the_rest_of_the_run, |store: TestStore| async {
    let settings = [("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-04-01"), ("DATAINFRA__JOBS__STOCK__PARALLEL", "1")];
    let world = World::with(&store, &["1101", "1102", "1112"], &settings).await;
    world.upstream.inject(Fault::new("yahoo", FaultKind::BlockPage));
    world.succeed(params()).await;
    let asked = world.upstream.requests().iter().filter(|request| request.source == "yahoo").count();
    assert_eq!(asked, 1);
    world.end().await;
});

on_both_databases!(dividend_adjusted_bars_never_mix_into_a_series, |store: TestStore| async {
    // 1101 pays dividends: Stooq's bars differ from the stored basis.
    let world = World::with(&store, &["1101"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2023-01-04")]).await;
    world.turn_to(day("2024-03-01"));
    world.succeed(params()).await;
    let before = world.bars("1101").await;
    world.upstream.unlist("yahoo", "1101");
    world.upstream.unlist("kabutan", "1101");
    world.turn_to(day(TODAY));
    let run = world.run(params()).await;
    assert_eq!(run.state, RunState::Failed, "{:?}", world.tasks(&run.id).await);
    assert_eq!(world.bars("1101").await, before);
    world.end().await;
});

on_every_layout!(a_corrected_bar_is_updated_recorded_and_keeps_its_first_stamp, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04")]).await;
    world.turn_to(day("2024-05-30"));
    world.succeed(params()).await;
    let falsify = "UPDATE stockprice SET close_price = close_price + 1, high_price = high_price + 2, \
                   ins_ts = '2024-01-01 00:00:00', upd_ts = '2024-01-01 00:00:00' WHERE date = '2024-05-28'";
    data_infrastructure::db::execute(world.database.connection(), falsify, []).await.unwrap();
    world.turn_to(day(TODAY));
    let run = world.succeed(params()).await;
    assert_eq!((run.rows.inserted, run.rows.updated), (1, 1));
    let truth: Vec<_> = world.truth("1101", day(TODAY)).into_iter().filter(|b| b.date >= day("2024-01-04")).collect();
    assert_eq!(world.bars("1101").await, truth);
    let kept = "SELECT count(*) FROM stockprice WHERE date = '2024-05-28' \
                AND ins_ts = '2024-01-01 00:00:00' AND upd_ts > '2024-01-02 00:00:00'";
    assert_eq!(world.count(kept).await, 1);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'correction'").await, 1);
    assert_indicators_agree(&world).await;
    world.end().await;
});

on_both_databases!(a_stretch_of_wrong_bars_is_corrected_and_nothing_else_is_scaled, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04")]).await;
    world.turn_to(day("2024-05-30"));
    world.succeed(params()).await;
    let falsify = "UPDATE stockprice SET open_price = open_price * 2, high_price = high_price * 2, \
                   low_price = low_price * 2, close_price = close_price * 2 WHERE date >= '2024-05-17'";
    data_infrastructure::db::execute(world.database.connection(), falsify, []).await.unwrap();
    world.turn_to(day(TODAY));
    world.succeed(params()).await;
    let truth: Vec<_> = world.truth("1101", day(TODAY)).into_iter().filter(|b| b.date >= day("2024-01-04")).collect();
    assert_eq!(world.bars("1101").await, truth);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 0);
    assert_indicators_agree(&world).await;
    world.end().await;
});

on_both_databases!(other_spans_are_computed_without_asking_anybody, |store: TestStore| async {
    let history = ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2024-01-04");
    let world = World::with(&store, &["1101"], &[history]).await;
    world.succeed(params()).await;
    world.end().await;
    let world = World::with(&store, &["1101"], &[history, ("DATAINFRA__JOBS__STOCK__MA_SPANS", "[5, 10]")]).await;
    world.succeed(params()).await;
    assert!(world.upstream.requests().is_empty());
    let sessions = world.bars("1101").await.iter().filter(|bar| bar.close.is_some()).count() as i64;
    assert_eq!(world.count("SELECT count(*) FROM stockprice_ma WHERE ma_type = 'sma10'").await, sessions - 9);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_ma WHERE ma_type = 'sma25'").await, 0);
    assert_indicators_agree(&world).await;
    world.end().await;
});

on_both_databases!(a_dry_run_says_what_it_would_fetch_and_fetches_nothing, |store: TestStore| async {
    let world = World::new(&store, &["1101"]).await;
    let run = world.succeed(RunParams { dry_run: true, ..params() }).await;
    let message = world.tasks(&run.id).await[0].message.clone().unwrap();
    assert!(message.contains("would fetch 2000-01-01 to 2024-05-31 from yahoo, kabutan, stooq"), "{message}");
    assert!(world.upstream.requests().is_empty());
    assert_eq!(world.count("SELECT count(*) FROM stockprice").await, 0);
    world.end().await;
});

/// The stored moving averages are those of the stored bars, computed by the database itself.
pub async fn assert_indicators_agree(world: &World) {
    let wrong = "WITH b AS (
            SELECT company_id, date,
                   avg(close_price) OVER w AS sma5, count(*) OVER w AS n
            FROM stockprice WHERE close_price IS NOT NULL
            WINDOW w AS (PARTITION BY company_id ORDER BY date ROWS 4 PRECEDING)
        ), m AS (SELECT company_id, date, ma_value FROM stockprice_ma WHERE ma_type = 'sma5')
        SELECT count(*) FROM (
            SELECT b.company_id FROM b LEFT JOIN m ON m.company_id = b.company_id AND m.date = b.date
            WHERE b.n = 5 AND (m.ma_value IS NULL OR abs(m.ma_value - b.sma5) > 1e-9 * b.sma5)
            UNION ALL
            SELECT m.company_id FROM m LEFT JOIN b ON m.company_id = b.company_id AND m.date = b.date
            WHERE b.n IS NULL OR b.n < 5
        ) AS x";
    assert_eq!(world.count(wrong).await, 0);
    assert!(world.count("SELECT count(*) FROM stockprice_ma WHERE ma_type = 'sma5'").await > 0);
}
