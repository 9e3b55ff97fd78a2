//! Archived answers read again: what a parser misread is put right, nobody is asked, and nothing newer is undone.

use data_infrastructure::{
    db,
    jobs::{RunParams, Trigger, TriggerError},
    stock::{
        bar::Bar,
        calendar::{Calendar, Market},
    },
};

use crate::{
    daemon::{datainfra, text},
    pipeline::assert_indicators_agree,
    support::{TestStore, on_both_databases},
    world::{TODAY, World, day, evening},
};

/// Kabutan alone, back over several pages.
const KABUTAN: [(&str, &str); 2] =
    [("DATAINFRA__JOBS__STOCK__SOURCES", "kabutan"), ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2023-10-02")];

/// A week day by day with several companies: a first fetch of many pages, and then one for each day.
async fn a_week(store: &TestStore, codes: &[&str], settings: &[(&str, &str)]) -> World {
    let world = World::with(store, codes, settings).await;
    for today in ["2024-05-24", "2024-05-27", "2024-05-28", "2024-05-29", "2024-05-30", TODAY] {
        world.turn_to(day(today));
        world.succeed(RunParams::default()).await;
    }
    world.archived().await;
    world
}

fn truth(world: &World, code: &str) -> Vec<Bar> {
    world.truth(code, day(TODAY)).into_iter().filter(|bar| bar.date >= day("2023-10-02")).collect()
}

async fn sql(world: &World, sql: &str) -> u64 {
    db::execute(world.database.connection(), sql, []).await.unwrap()
}

async fn message(world: &World, run: &data_infrastructure::jobs::Run) -> String {
    world.tasks(&run.id).await[0].message.clone().unwrap()
}

on_both_databases!(a_replay_of_what_was_read_well_changes_nothing, |store: TestStore| async {
    let world = a_week(&store, &["1101", "1102"], &KABUTAN).await;
    let stamp = "SELECT count(*) FROM stockprice WHERE upd_ts <> ins_ts";
    let run = world.replay("kabutan", RunParams::default()).await;
    assert_eq!((run.total, run.rows.inserted, run.rows.updated), (2, 0, 0));
    assert!(run.rows.unchanged > 200, "{run:?}");
    assert_eq!(message(&world, &run).await, "6 archived fetches read again");
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision").await, 0);
    assert_eq!(world.count(stamp).await, 0);
    for code in ["1101", "1102"] {
        assert_eq!(world.bars(code).await, truth(&world, code), "{code}");
    }
    world.end().await;
});

on_both_databases!(a_fixed_parser_repairs_rows_misread_and_rows_quarantined, |store: TestStore| async {
    let world = a_week(&store, &["1101", "1102"], &KABUTAN).await;
    // As a parser would have left them that took the change for the high, and could not read some days.
    sql(&world, "UPDATE stockprice SET high_price = high_price * 2 WHERE date >= '2023-12-01'").await;
    let lost = "date IN ('2024-01-15', '2024-03-04', '2024-05-28', '2024-05-31')";
    sql(&world, &format!("DELETE FROM stockprice WHERE {lost}")).await;
    let misread = world.count("SELECT count(*) FROM stockprice WHERE date >= '2023-12-01'").await;
    let run = world.replay("kabutan", RunParams::default()).await;
    assert_eq!((run.rows.inserted, run.rows.updated as i64), (8, misread));
    for code in ["1101", "1102"] {
        assert_eq!(world.bars(code).await, truth(&world, code), "{code}");
    }
    let corrections = "SELECT count(*) FROM stockprice_revision WHERE kind = 'correction' AND source = 'kabutan'";
    assert_eq!(world.count(corrections).await, misread);
    assert_indicators_agree(&world).await;
    // Once is enough.
    let again = world.replay("kabutan", RunParams::default()).await;
    assert_eq!((again.rows.inserted, again.rows.updated), (0, 0));
    assert_eq!(world.count(corrections).await, misread);
    world.end().await;
});

on_both_databases!(a_series_that_was_never_read_is_rebuilt_from_the_archive_alone, |store: TestStore| async {
    for source in ["kabutan", "yahoo", "stooq"] {
        let settings = [("DATAINFRA__JOBS__STOCK__SOURCES", source), KABUTAN[1]];
        let world = a_week(&store, &["1102"], &settings).await;
        for table in ["stockprice_indicator", "stockprice", "stockprice_series"] {
            sql(&world, &format!("DELETE FROM {table}")).await;
        }
        world.replay(source, RunParams::default()).await;
        let traded = |bars: Vec<Bar>| bars.into_iter().filter(|bar| bar.close.is_some()).collect::<Vec<_>>();
        assert_eq!(traded(world.bars("1102").await), traded(truth(&world, "1102")), "{source}");
        assert_indicators_agree(&world).await;
        for table in ["stockprice_indicator", "stockprice", "stockprice_series", "source_answer"] {
            sql(&world, &format!("DELETE FROM {table}")).await;
        }
        world.end().await;
    }
});

/// 1104 splits 1:3 on 2023-03-30, day by day across it.
async fn across_a_split(store: &TestStore) -> World {
    let settings =
        [("DATAINFRA__JOBS__STOCK__SOURCES", "kabutan"), ("DATAINFRA__JOBS__STOCK__HISTORY_FROM", "2022-10-03")];
    let world = World::with(store, &["1104"], &settings).await;
    let mut today = day("2023-03-27");
    while today <= day("2023-04-05") {
        world.turn_to(today);
        world.succeed(RunParams::default()).await;
        today = Calendar::embedded(Market::Tokyo).next_session_after(today);
    }
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 1);
    world.archived().await;
    world
}

fn split_truth(world: &World) -> Vec<Bar> {
    world.truth("1104", day("2023-04-05")).into_iter().filter(|bar| bar.date >= day("2022-10-03")).collect()
}

on_both_databases!(an_answer_from_before_a_split_does_not_bring_its_basis_back, |store: TestStore| async {
    let world = across_a_split(&store).await;
    let run = world.replay("kabutan", RunParams::default()).await;
    assert_eq!((run.rows.inserted, run.rows.updated), (0, 0));
    let told = message(&world, &run).await;
    assert!(told.contains("not loaded: the history was rebased after it"), "{told}");
    assert_eq!(world.bars("1104").await, split_truth(&world));
    // Nor when nothing newer is archived; also where rows are missing that it has, and where misread rows hide the ratio.
    sql(&world, "DELETE FROM source_answer WHERE fetch_id <> (SELECT fetch_id FROM source_answer ORDER BY id LIMIT 1)")
        .await;
    sql(&world, "DELETE FROM stockprice WHERE date = '2023-03-01'").await;
    sql(&world, "UPDATE stockprice SET close_price = close_price / 2 WHERE date IN ('2023-02-01', '2023-02-02')").await;
    let before = world.bars("1104").await;
    world.upstream.clear();
    world.replay("kabutan", RunParams::default()).await;
    assert_eq!(world.bars("1104").await, before);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision").await, 1);
    world.end().await;
});

on_both_databases!(rows_misread_around_a_split_get_right_on_the_newest_basis, |store: TestStore| async {
    let world = across_a_split(&store).await;
    sql(&world, "UPDATE stockprice SET low_price = 1 WHERE date > '2022-11-01'").await;
    sql(&world, "DELETE FROM stockprice WHERE date IN ('2022-12-01', '2023-03-29', '2023-04-04')").await;
    world.replay("kabutan", RunParams::default()).await;
    assert_eq!(world.bars("1104").await, split_truth(&world));
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision WHERE kind = 'rebase'").await, 1);
    assert_indicators_agree(&world).await;
    world.end().await;
});

on_both_databases!(what_another_source_or_a_later_answer_told_stays, |store: TestStore| async {
    let world = a_week(&store, &["1101"], &KABUTAN).await;
    // Corrected by another source, and by an answer of the same source that is not archived.
    sql(&world, "UPDATE stockprice SET volume = volume + 100, source = 'yahoo' WHERE date = '2024-05-20'").await;
    sql(&world, "UPDATE stockprice SET volume = volume + 300 WHERE date = '2024-05-21'").await;
    let at = db::Dialect::of(world.database.connection()).now_plus(std::time::Duration::from_secs(600));
    let revision = format!(
        "INSERT INTO stockprice_revision (id, company_id, date, old, new, kind, source, run_id, revised_at) \
         SELECT 'later', company_id, '2024-05-21', '{{}}', '{{}}', 'correction', 'kabutan', \
         (SELECT id FROM run ORDER BY id LIMIT 1), {at} FROM stockprice_series"
    );
    assert_eq!(sql(&world, &revision).await, 1);
    let before = world.bars("1101").await;
    let run = world.replay("kabutan", RunParams::default()).await;
    assert_eq!((run.rows.inserted, run.rows.updated), (0, 0));
    assert_eq!(world.bars("1101").await, before);
    world.end().await;
});

on_both_databases!(of_several_archived_answers_the_last_one_counts, |store: TestStore| async {
    let world = a_week(&store, &["1101"], &KABUTAN).await;
    let read_well = world.bars("1101").await;
    sql(&world, "UPDATE stockprice SET close_price = low_price, open_price = low_price WHERE date = '2024-05-29'")
        .await;
    let run = world.replay("kabutan", RunParams::default()).await;
    assert_eq!(run.rows.updated, 1, "not once for each answer that has the day");
    assert_eq!(world.bars("1101").await, read_well);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision").await, 1);
    world.end().await;
});

on_both_databases!(a_page_that_is_not_archived_is_named_and_half_a_history_is_not_loaded, |store: TestStore| async {
    let world = World::with(&store, &["1101"], &KABUTAN).await;
    world.succeed(RunParams::default()).await;
    world.archived().await;
    assert_eq!(sql(&world, "DELETE FROM source_answer WHERE url LIKE '%page=3'").await, 1);
    sql(&world, "DELETE FROM stockprice WHERE date = '2024-05-30'").await;
    world.upstream.clear();
    let run = world.replay("kabutan", RunParams::default()).await;
    let told = message(&world, &run).await;
    assert!(told.contains("not in the archive: http://127.0.0.1") && told.contains("page=3"), "{told}");
    assert_eq!(run.rows.inserted, 0);
    world.end().await;
});

on_both_databases!(a_dry_replay_says_what_would_change_and_changes_nothing, |store: TestStore| async {
    let world = a_week(&store, &["1101"], &KABUTAN).await;
    sql(&world, "DELETE FROM stockprice WHERE date = '2024-05-20'").await;
    sql(&world, "UPDATE stockprice SET high_price = high_price * 2 WHERE date = '2024-05-21'").await;
    let before = world.bars("1101").await;
    let run = world.replay("kabutan", RunParams { dry_run: true, ..RunParams::default() }).await;
    let told = message(&world, &run).await;
    assert_eq!(told, "would be: 6 archived fetches read again; 1 bars added; 1 bars corrected");
    assert_eq!((run.rows.inserted, run.rows.updated), (0, 0));
    assert_eq!(world.bars("1101").await, before);
    assert_eq!(world.count("SELECT count(*) FROM stockprice_revision").await, 0);
    world.end().await;
});

on_both_databases!(a_replay_is_bounded_by_companies_and_by_days, |store: TestStore| async {
    let world = a_week(&store, &["1101", "1102"], &KABUTAN).await;
    let one = RunParams { companies: vec!["1102".to_owned()], ..RunParams::default() };
    assert_eq!(world.replay("kabutan", one).await.total, 1);
    let old = db::Dialect::of(world.database.connection()).now_minus(std::time::Duration::from_hours(72));
    sql(&world, &format!("UPDATE source_answer SET fetched_at = {old} WHERE subject_key = '1101'")).await;
    // What is archived has the database's time: here, too, it is that day.
    let newest = newest_day(&world).await;
    world.set_now(evening(newest));
    let today = RunParams { from: Some(newest), ..RunParams::default() };
    let run = world.replay("kabutan", today).await;
    assert_eq!((run.total, world.tasks(&run.id).await[0].key.as_str()), (1, "1102"));
    assert_eq!(world.replay("yahoo", RunParams::default()).await.total, 0, "nothing of it is archived");
    world.end().await;
});

/// The day of the newest answer, by the database's clock.
async fn newest_day(world: &World) -> chrono::NaiveDate {
    let sql = "SELECT fetched_at FROM source_answer ORDER BY fetched_at DESC LIMIT 1";
    let row = db::one(world.database.connection(), sql, []).await.unwrap().unwrap();
    row.try_get::<chrono::DateTime<chrono::Utc>>("", "fetched_at").unwrap().date_naive()
}

#[tokio::test]
async fn a_replay_names_a_source_that_there_is() {
    let store = TestStore::sqlite();
    let world = World::with(&store, &["1101"], &KABUTAN).await;
    for (input, companies) in [(None, vec![]), (Some("nikkei"), vec![]), (Some("kabutan"), vec!["9999".to_owned()])] {
        let params = RunParams { input: input.map(str::to_owned), companies, ..RunParams::default() };
        let made = world.assembly.triggers.run("replay", Trigger::Manual, &params, "", None, None).await;
        let Err(TriggerError::Params(problems)) = made else { panic!("{params:?}") };
        let member = if input == Some("kabutan") { "companies" } else { "input" };
        assert_eq!(problems.iter().map(|problem| problem.param).collect::<Vec<_>>(), [member]);
    }
    world.end().await;
}

#[test]
fn the_command_is_a_run_of_the_job_and_refuses_a_source_that_there_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = datainfra(folder.path()).arg("replay").args(arguments).output().unwrap();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let (status, said) = run(&["--source", "kabutan", "--since", "2026-11-01", "--company", "7203", "--dry-run"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains("replay run") && said.contains("succeeded") && said.contains("nothing is archived"),
        "{said}"
    );
    let (status, said) = run(&["--source", "nikkei"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("one of jquants, kabutan, stooq, yahoo"), "{said}");
    assert_eq!(run(&[]).0, Some(2), "the source has to be named");
}
