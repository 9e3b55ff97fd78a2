//! What can go wrong: the way, the answer, single rates.

use data_infrastructure::jobs::{RunParams, RunState};
use wiremock::ResponseTemplate;

use super::{
    bank::zip,
    world::{TODAY, World, day},
};
use crate::support::{TestStore, on_both_databases};

fn params() -> RunParams {
    RunParams::default()
}

fn csv(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(zip(text), "application/zip")
}

on_both_databases!(an_outage_falls_to_the_next_attempt, |store: TestStore| async {
    let world = World::new(&store).await;
    world.bank.fail([ResponseTemplate::new(503)]);
    let (_, task) = world.succeed(params()).await;
    assert_eq!((task.attempts, world.bank.asked().len()), (2, 2));
    assert_eq!(world.stored().await, world.bank.rates());
    // One that lasts fails the run, and what is stored stays.
    world.turn_to("2026-11-23");
    world.bank.fail([ResponseTemplate::new(500), ResponseTemplate::new(502)]);
    let (run, task) = world.run(params()).await;
    assert_eq!((run.state, task.attempts, task.error.as_deref()), (RunState::Failed, 2, Some("ecb: server error 502")));
    world.succeed(params()).await;
    assert_eq!(world.stored().await, world.bank.rates());
    world.end().await;
});

on_both_databases!(rates_that_are_late_are_told_and_come_with_the_next_run, |store: TestStore| async {
    let world = World::with(&store, &[("DATAINFRA__JOBS__FX__MAX_ATTEMPTS", "1")]).await;
    world.succeed(params()).await;
    for (now, missing) in [("2026-11-23T15:30:00Z", "2026-11-23"), ("2026-11-24T15:30:00Z", "2026-11-23")] {
        world.set_now(now.parse().unwrap());
        let (run, task) = world.run(params()).await;
        let error = task.error.unwrap();
        assert_eq!(run.state, RunState::Failed);
        assert!(error.contains(&format!("has not published the rates of {missing}")), "{error}");
    }
    // The history has one of the two days: it is kept, and the other one is told.
    world.bank.publish(day("2026-11-23"));
    let (run, task) = world.run(params()).await;
    assert_eq!(run.state, RunState::Failed);
    assert!(task.error.unwrap().contains("2026-11-24"));
    assert_eq!(world.stored().await, world.bank.rates());
    world.turn_to("2026-11-24");
    world.bank.asked();
    world.succeed(params()).await;
    assert_eq!(world.bank.asked(), ["eurofxref.zip"]);
    assert_eq!(world.stored().await, world.bank.rates());
    world.end().await;
});

on_both_databases!(an_answer_that_is_none_loads_nothing_and_says_why, |store: TestStore| async {
    let world = World::new(&store).await;
    world.succeed(params()).await;
    world.turn_to("2026-11-23");
    let whole = zip("Date, USD, \n23 November 2026, 1.1, \n");
    let cut = ResponseTemplate::new(200).set_body_raw(whole[..whole.len() - 30].to_vec(), "application/zip");
    for (faults, reason) in [
        (vec![cut.clone(), cut], "the archive is not whole"),
        (vec![ResponseTemplate::new(200).set_body_string("")], "an empty body"),
        (vec![csv("Day,USD\n2026-11-23,1.1\n")], "instead of Date"),
        (vec![csv("Date,USD,JPY,\n2026-11-23,-1.1,-150,\n")], "more than a fifth"),
        (vec![ResponseTemplate::new(404)], "status 404"),
        (vec![ResponseTemplate::new(200).set_body_string("<!DOCTYPE html><html>")], "a page instead of the archive"),
    ] {
        world.bank.fail(faults);
        let (run, task) = world.run(params()).await;
        let error = task.error.unwrap();
        assert!(run.state == RunState::Failed && error.contains(reason), "{error}");
        assert_eq!(world.stored().await.last_key_value().unwrap().0, &day(TODAY), "{reason}");
    }
    // A page is an access control: the ECB is left alone for hours.
    world.bank.asked();
    let (_, task) = world.run(params()).await;
    assert!(task.error.unwrap().contains("not asked"));
    assert!(world.bank.asked().is_empty());
    world.end().await;
});

on_both_databases!(a_wrong_rate_is_rejected_by_name_and_the_others_are_loaded, |store: TestStore| async {
    let world = World::new(&store).await;
    world.bank.set("2010-05-03", "USD", 0.0);
    world.bank.set("2010-05-04", "JPY", 15_000.0);
    let (run, task) = world.succeed(params()).await;
    let message = task.message.unwrap();
    assert_eq!(run.rows.rejected, 2);
    assert!(message.starts_with("2 rates rejected: "), "{message}");
    assert!(message.contains("USD of 2010-05-03 \"0\": a rate is above 0 and finite"), "{message}");
    assert!(message.contains("JPY of 2010-05-04 \"15000\": it leaps from the"), "{message}");
    let mut expected = world.bank.rates();
    expected.get_mut(&day("2010-05-03")).unwrap().remove("USD");
    expected.get_mut(&day("2010-05-04")).unwrap().remove("JPY");
    assert_eq!(world.stored().await, expected);
    world.end().await;
});

on_both_databases!(a_leap_is_loaded_once_the_next_day_stands_by_it, |store: TestStore| async {
    let world = World::new(&store).await;
    world.succeed(params()).await;
    world.bank.asked();
    world.bank.set("2026-11-23", "USD", 10.9);
    world.bank.set("2026-11-24", "USD", 11.2);
    world.turn_to("2026-11-23");
    // Of two rates a wrong one is more than a fifth; eight more make it one of ten.
    for code in ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH"] {
        for date in ["2026-11-23", "2026-11-24"] {
            world.bank.set(date, code, 1.0);
        }
    }
    let (run, task) = world.succeed(params()).await;
    assert_eq!(world.bank.asked(), ["eurofxref.zip", "eurofxref-hist.zip"]);
    assert_eq!(run.rows.rejected, 1);
    assert!(task.message.unwrap().contains("USD of 2026-11-23 \"10.9\""));
    world.turn_to("2026-11-24");
    let (run, task) = world.succeed(params()).await;
    assert_eq!((run.rows.rejected, task.message), (0, None));
    let (stored, published) = (world.stored().await, world.bank.rates());
    for date in ["2026-11-20", "2026-11-23", "2026-11-24"] {
        assert_eq!(stored[&day(date)]["USD"], published[&day(date)]["USD"], "{date}");
    }
    world.end().await;
});

#[tokio::test]
async fn a_disabled_source_is_not_asked() {
    let store = TestStore::sqlite();
    let world = World::with(&store, &[("DATAINFRA__SOURCES__ECB__ENABLED", "false")]).await;
    let (run, task) = world.run(params()).await;
    assert_eq!((run.state, task.error.as_deref()), (RunState::Failed, Some("the source ecb is disabled")));
    assert!(world.bank.asked().is_empty());
    world.end().await;
}
