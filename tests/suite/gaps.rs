//! Sessions without a row: found, fetched piece by piece, and closed.

use chrono::NaiveDate;
use data_infrastructure::{
    db,
    jobs::{Mode, RunParams, RunState},
    stock::{
        bar::Days,
        calendar::{Calendar, Market},
        sample::{Fault, FaultKind},
    },
};

use crate::{
    support::{on_both_databases, on_every_layout},
    world::{TODAY, World, day, evening},
};

const HISTORY: (&str, &str) = ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2022-01-04");

fn missing() -> RunParams {
    RunParams { mode: Mode::Missing, ..RunParams::default() }
}

async fn delete(world: &World, code: &str, from: &str, to: &str) -> u64 {
    let days = format!("date BETWEEN '{from}' AND '{to}' AND company_id = 'T{code}'");
    let mut deleted = 0;
    for table in ["stockprice_indicator", "stockprice"] {
        let sql = format!("DELETE FROM {table} WHERE {days}");
        deleted = db::execute(world.database.connection(), &sql, []).await.unwrap();
    }
    deleted
}

/// What the market did from 2022 on.
fn truth(world: &World, code: &str) -> Vec<data_infrastructure::stock::bar::Bar> {
    world.truth(code, day(TODAY)).into_iter().filter(|bar| bar.date >= day("2022-01-04")).collect()
}

on_every_layout!(just_the_gaps_are_fetched_each_by_itself, |store: TestStore| async {
    let world = World::with(&store, &["1101", "1102", "AAPL"], &[HISTORY]).await;
    world.succeed(RunParams::default()).await;
    let deleted = delete(&world, "1101", "2022-03-01", "2022-03-31").await
        + delete(&world, "1101", "2023-06-05", "2023-06-09").await
        + delete(&world, "1101", "2023-06-20", "2023-06-20").await;
    world.upstream.clear();

    // What is covered is not looked into without being asked.
    world.succeed(RunParams::default()).await;
    let dry = world.succeed(RunParams { dry_run: true, ..missing() }).await;
    let message = |tasks: &[data_infrastructure::jobs::Task], key: &str| {
        tasks.iter().find(|task| task.key == key).and_then(|task| task.message.clone()).unwrap()
    };
    let tasks = world.tasks(&dry.id).await;
    // Ten sessions on both sides; the two gaps of June are near enough to be one piece.
    let expected = "would fetch 2022-02-14 to 2022-04-14, 2023-05-22 to 2023-07-04 from yahoo, kabutan, stooq";
    assert_eq!(message(&tasks, "1101"), expected);
    assert_eq!(message(&tasks, "1102"), "up to date");
    assert!(world.upstream.requests().is_empty());

    let run = world.succeed(missing()).await;
    let asked: Vec<String> = world.upstream.requests().iter().map(|request| request.code.clone()).collect();
    assert_eq!(asked, ["1101", "1101"], "two pieces, and nothing of companies without gaps");
    assert_eq!(run.rows.inserted, deleted);
    assert!(run.rows.fetched < 80, "{:?}: the year between them was not fetched", run.rows);
    assert_eq!(world.bars("1101").await, truth(&world, "1101"));
    let lost = "SELECT count(*) FROM stockprice p LEFT JOIN stockprice_indicator i \
                ON i.company_id = p.company_id AND i.date = p.date WHERE p.close_price IS NOT NULL AND i.date IS NULL";
    assert_eq!(world.count(lost).await, 0, "their moving averages are there too");

    world.upstream.clear();
    let again = world.succeed(missing()).await;
    assert!(world.upstream.requests().is_empty() && again.rows.fetched == 0);
    world.end().await;
});

on_both_databases!(a_range_limits_which_gaps_are_filled_and_new_sessions_are_filled_too, |store: TestStore| async {
    let world = World::with(&store, &["1101", "1102"], &[HISTORY]).await;
    world.turn_to(day("2024-05-24"));
    world.succeed(RunParams { companies: vec!["1101".to_owned()], ..RunParams::default() }).await;
    delete(&world, "1101", "2022-03-01", "2022-03-31").await;
    delete(&world, "1101", "2023-06-05", "2023-06-09").await;
    world.turn_to(day(TODAY));
    let of_2023 = RunParams { from: Some(day("2023-01-01")), to: Some(day("2023-12-31")), ..missing() };
    world.succeed(RunParams { companies: vec!["1101".to_owned()], ..of_2023 }).await;
    let there = world.bars("1101").await;
    assert!(there.iter().any(|bar| bar.date == day("2023-06-07")));
    assert!(!there.iter().any(|bar| bar.date == day("2022-03-07") || bar.date > day("2024-05-24")));
    // The rest: the old gap, the days since, and the whole history of the company that has none.
    world.succeed(missing()).await;
    for code in ["1101", "1102"] {
        assert_eq!(world.bars(code).await, truth(&world, code), "{code}");
    }
    world.end().await;
});

on_both_databases!(a_gap_no_source_has_bars_for_is_closed_as_sessions_without_trades, |store: TestStore| async {
    // Stooq has no row for a session without trades.
    let settings = [HISTORY, ("DATAINFRA__JOBS__STOCK__SOURCES", "stooq")];
    let world = World::with(&store, &["1107", "1110"], &settings).await;
    world.succeed(RunParams::default()).await;
    let idle = |bars: &[data_infrastructure::stock::bar::Bar]| bars.iter().filter(|bar| bar.close.is_none()).count();
    let mut without = 0;
    for code in ["1107", "1110"] {
        assert_eq!(idle(&world.bars(code).await), 0, "{code}");
        without += idle(&truth(&world, code));
    }
    assert!(without > 0, "the sample has sessions without trades");
    let run = world.succeed(missing()).await;
    assert_eq!(run.rows.inserted, without as u64);
    let told = world.tasks(&run.id).await;
    assert!(told.iter().any(|task| task.message.as_deref().is_some_and(|text| text.contains("as without trades"))));
    for code in ["1107", "1110"] {
        assert_eq!(world.bars(code).await, truth(&world, code), "{code}");
    }
    world.upstream.clear();
    world.succeed(missing()).await;
    assert!(world.upstream.requests().is_empty(), "a closed gap is not asked for again");
    world.end().await;
});

on_both_databases!(what_one_source_lacks_another_is_asked_for, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &[HISTORY]).await;
    world.succeed(RunParams::default()).await;
    delete(&world, "1101", "2023-06-05", "2023-06-09").await;
    world.upstream.inject(Fault::new("yahoo", FaultKind::Status(500)));
    let run = world.succeed(missing()).await;
    assert_eq!(world.tasks(&run.id).await[0].source.as_deref(), Some("kabutan"));
    assert_eq!(world.bars("1101").await, truth(&world, "1101"));
    // Nobody answers: nothing is taken for a day without trades.
    delete(&world, "1101", "2023-06-05", "2023-06-09").await;
    for source in ["kabutan", "stooq"] {
        world.upstream.inject(Fault::new(source, FaultKind::Status(500)));
    }
    assert_eq!(world.run(missing()).await.state, RunState::Failed);
    assert!(!world.bars("1101").await.iter().any(|bar| bar.date == day("2023-06-07")));
    world.end().await;
});

on_both_databases!(a_session_whose_row_is_in_quarantine_stays_a_gap, |store: TestStore| async {
    let history = [("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2019-04-01")];
    let world = World::with(&store, &["1109"], &history).await;
    world.succeed(RunParams::default()).await;
    let run = world.succeed(missing()).await;
    assert_eq!(run.rows.inserted, 0);
    let days = Days { from: day("2019-04-01"), to: day(TODAY) };
    let there: Vec<NaiveDate> = world.bars("1109").await.iter().map(|bar| bar.date).collect();
    let absent: Vec<NaiveDate> =
        Calendar::embedded(Market::Tokyo).sessions(days).filter(|day| !there.contains(day)).collect();
    assert_eq!(absent, [day("2019-06-18")]);
    world.end().await;
});

on_both_databases!(
    the_newest_session_is_no_day_without_trades_before_every_source_had_its_time,
    |store: TestStore| async {
        let world = World::with(&store, &["1102"], &[HISTORY]).await;
        world.turn_to(day("2024-05-30"));
        world.succeed(RunParams::default()).await;
        world.turn_to(day(TODAY));
        for source in ["yahoo", "kabutan", "stooq"] {
            world.upstream.set_late(source);
        }
        world.set_now(evening(day(TODAY)));
        world.succeed(missing()).await;
        assert_eq!(world.bars("1102").await.last().unwrap().date, day("2024-05-30"));
        world.end().await;
    }
);
