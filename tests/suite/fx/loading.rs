//! What a run brings, and whom it asks.

use data_infrastructure::{
    fx::rate::Days,
    jobs::{Mode, RunParams, store::JobSchedule},
};

use super::world::{TODAY, World, day};
use crate::support::{TestStore, on_both_databases};

fn params() -> RunParams {
    RunParams::default()
}

fn range(from: &str, to: &str) -> RunParams {
    RunParams { from: Some(day(from)), to: Some(day(to)), ..params() }
}

on_both_databases!(a_first_run_stores_the_history_rate_for_rate_and_a_second_asks_nobody, |store: TestStore| async {
    let world = World::new(&store).await;
    let (run, task) = world.succeed(params()).await;
    assert_eq!(world.bank.asked(), ["eurofxref-hist.zip"]);
    assert_eq!(world.stored().await, world.bank.rates());
    let count: usize = world.bank.rates().values().map(|rates| rates.len()).sum();
    assert_eq!((run.rows.fetched, run.rows.inserted, run.rows.rejected), (count as u64, count as u64, 0));
    assert_eq!((task.source.as_deref(), task.message), (Some("ecb"), None));
    assert_eq!(world.series().await.covered, Some(Days { from: day("1999-01-04"), to: day(TODAY) }));

    let (again, task) = world.succeed(params()).await;
    assert!(world.bank.asked().is_empty());
    assert_eq!((again.rows.fetched, task.message.as_deref()), (0, Some("up to date")));
    world.end().await;
});

on_both_databases!(each_further_day_comes_by_the_small_file_and_equals_the_history, |store: TestStore| async {
    let world = World::new(&store).await;
    world.succeed(params()).await;
    world.bank.asked();
    for date in ["2026-11-23", "2026-11-24", "2026-11-25"] {
        world.turn_to(date);
        let (run, _) = world.succeed(params()).await;
        assert_eq!((world.bank.asked(), run.rows.inserted), (vec!["eurofxref.zip".to_owned()], 2), "{date}");
    }
    assert_eq!(world.stored().await, world.bank.rates());
    assert_eq!(world.series().await.version, 4);
    world.end().await;
});

on_both_databases!(weekends_holidays_and_mornings_ask_nobody, |store: TestStore| async {
    let world = World::new(&store).await;
    world.turn_to("2026-12-24");
    world.succeed(params()).await;
    world.bank.asked();
    // Christmas is a Friday and its Monday a day like any other, from four in the afternoon on.
    for now in ["2026-12-25T15:30:00Z", "2026-12-26T15:30:00Z", "2026-12-27T15:30:00Z", "2026-12-28T14:59:59Z"] {
        world.set_now(now.parse().unwrap());
        let (_, task) = world.succeed(params()).await;
        assert_eq!((task.message.as_deref(), world.bank.asked()), (Some("up to date"), vec![]), "{now}");
    }
    world.turn_to("2026-12-28");
    world.succeed(params()).await;
    assert_eq!(world.bank.asked(), ["eurofxref.zip"]);
    assert_eq!(world.stored().await, world.bank.rates());
    world.end().await;
});

on_both_databases!(a_gap_of_days_is_closed_by_the_history, |store: TestStore| async {
    let world = World::new(&store).await;
    world.succeed(params()).await;
    world.bank.asked();
    world.turn_to("2026-11-25");
    let (run, _) = world.succeed(params()).await;
    assert_eq!((world.bank.asked(), run.rows.inserted), (vec!["eurofxref-hist.zip".to_owned()], 6));
    assert_eq!(world.stored().await, world.bank.rates());
    world.end().await;
});

on_both_databases!(a_correction_is_loaded_and_kept_on_record, |store: TestStore| async {
    let world = World::new(&store).await;
    world.succeed(params()).await;
    let before = world.bank.rates()[&day("2015-07-01")]["USD"];
    world.bank.set("2015-07-01", "USD", 1.1234);
    let (run, task) = world.succeed(RunParams { mode: Mode::Full, ..params() }).await;
    assert_eq!((run.rows.inserted, run.rows.updated), (0, 1));
    assert_eq!(task.message.as_deref(), Some("1 stored rates corrected"));
    assert_eq!(world.stored().await, world.bank.rates());
    let told = format!(
        "SELECT count(*) FROM fx_revision WHERE currency = 'USD' AND date = '2015-07-01' AND old_rate = {before} \
         AND new_rate = 1.1234 AND source = 'ecb' AND run_id = '{}'",
        run.id
    );
    assert_eq!(world.count(&told).await, 1);
    assert_eq!(world.count("SELECT count(*) FROM fx_rate WHERE upd_ts <> ins_ts").await, 1, "nothing else is touched");
    // The first run of a month notices by itself.
    world.turn_to("2026-11-30");
    world.succeed(params()).await;
    world.bank.set("2003-03-03", "JPY", 151.0);
    world.turn_to("2026-12-01");
    assert_eq!(world.succeed(params()).await.0.rows.updated, 1);
    assert_eq!(world.count("SELECT count(*) FROM fx_revision").await, 2);
    assert_eq!(world.stored().await, world.bank.rates());
    world.end().await;
});

on_both_databases!(a_range_is_respected_and_a_dry_run_asks_nobody, |store: TestStore| async {
    let world = World::new(&store).await;
    let year = range("2007-01-01", "2007-12-31");
    let (_, task) = world.succeed(RunParams { dry_run: true, ..year.clone() }).await;
    assert_eq!(task.message.as_deref(), Some("would fetch 2007-01-01 to 2007-12-31 from ecb, eurofxref-hist.zip"));
    assert!(world.bank.asked().is_empty() && world.stored().await.is_empty());

    world.succeed(year.clone()).await;
    let mut expected = world.bank.rates();
    expected.retain(|date, _| (day("2007-01-01")..=day("2007-12-31")).contains(date));
    assert_eq!(world.stored().await, expected);
    // A range apart leaves no gap, and the whole is the same whatever the way to it.
    world.succeed(range("2009-06-01", "2009-06-30")).await;
    let mut expected = world.bank.rates();
    expected.retain(|date, _| (day("2007-01-01")..=day("2009-06-30")).contains(date));
    assert_eq!(world.stored().await, expected);
    world.succeed(range("2009-06-06", "2009-06-07")).await;
    world.succeed(params()).await;
    assert_eq!(world.stored().await, world.bank.rates());
    world.end().await;
});

#[tokio::test]
async fn what_a_run_cannot_be_asked_is_refused_by_name() {
    let store = TestStore::sqlite();
    let world = World::new(&store).await;
    let told = format!("{:?}", world.refused(range("2020-02-01", "2020-01-01")).await);
    assert!(told.contains("from") && told.contains("2020-02-01 is after to"), "{told}");
    let companies = RunParams { companies: vec!["7203".to_owned()], ..params() };
    let told = format!("{:?}", world.refused(companies).await);
    assert!(told.contains("companies") && told.contains("7203"), "{told}");
    world.end().await;
}

#[tokio::test]
async fn the_job_runs_by_itself_only_when_enabled() {
    let store = TestStore::sqlite();
    let world = World::new(&store).await;
    let fx = world.assembly.registry.find("fx").unwrap();
    assert_eq!((fx.settings.enabled, fx.schedule.expression.as_str()), (false, JobSchedule::DISABLED));
    world.end().await;
    let world = World::with(&store, &[("DATAINFRA__JOBS__FX__ENABLED", "true")]).await;
    let fx = world.assembly.registry.find("fx").unwrap();
    assert_eq!(fx.schedule.expression, "30 16 * * Mon-Fri");
    let next = (fx.upcoming)("2026-11-20T15:30:00Z".parse().unwrap(), 1);
    assert_eq!(next, ["2026-11-23T15:30:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap()]);
    world.end().await;
}
