//! What is told, and what is nobody's trouble.

use chrono::TimeDelta;
use data_infrastructure::jobs::{RunParams, RunState};

use super::world::{World, hook, replica};
use crate::{
    fake::{Deed, NAME},
    support::on_both_databases,
};

on_both_databases!(
    a_run_that_fails_is_told_once_and_one_that_succeeds_or_is_cancelled_is_not,
    |store: TestStore| async {
        let mut world = World::new(&store, &[]).await;
        world.process = world.process.work();
        let process = &world.process;
        process.job.set(&[("a", Deed::Succeed)]);
        process.ended(&process.trigger().await).await;
        process.job.set(&[("a", Deed::Hang)]);
        let id = process.trigger().await;
        process.until(&id, |run| run.total == 1).await;
        process.triggers.cancel(&id, None).await.unwrap();
        process.ended(&id).await;
        world.round().await;
        assert!(world.receiver.told().await.is_empty());
        world.process.job.set(&[("a", Deed::Fail)]);
        let failed = world.process.ended(&world.process.trigger().await).await;
        world.process.job.set(&[("a", Deed::Fail), ("b", Deed::Succeed)]);
        world.process.ended(&world.process.trigger().await).await;
        for _ in 0..3 {
            world.round().await;
        }
        assert_eq!(world.receiver.told().await, ["failed fake", "partial fake"]);
        let documents = world.receiver.documents().await;
        assert_eq!(documents[0]["run"]["id"], failed.id.as_str());
        assert_eq!(documents[0]["message"], format!("fake failed: its only task failed (run {}, manual)", failed.id));
        assert_eq!(world.counted("failed", "sent") + world.counted("partial", "sent"), 2);
        world.end().await;
    }
);

on_both_databases!(every_way_to_end_badly_has_its_event, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    for (job, state) in [
        ("a", RunState::Failed),
        ("b", RunState::TimedOut),
        ("c", RunState::Partial),
        ("d", RunState::Lost),
        ("e", RunState::Cancelled),
        ("f", RunState::Succeeded),
    ] {
        world.ended(job, state).await;
    }
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed a", "failed b", "partial c", "lost d"]);
    world.end().await;
});

on_both_databases!(a_hook_is_told_only_of_the_events_it_wants, |store: TestStore| async {
    let world = World::new(&store, &[("EVENTS", "lost,stale")]).await;
    for state in [RunState::Failed, RunState::Partial, RunState::Lost, RunState::Succeeded] {
        world.ended("a", state).await;
    }
    world.due("b", TimeDelta::hours(1), None).await;
    world.round().await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["lost a"], "the recovery closes it without a word");
    world.ended("a", RunState::Lost).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["lost a", "lost a"]);
    world.end().await;
});

on_both_databases!(a_recovery_is_told_once_for_all_that_went_wrong, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    for state in [RunState::Failed, RunState::Failed, RunState::Partial] {
        world.ended(NAME, state).await;
    }
    world.pass("run", "finished_at", TimeDelta::minutes(2)).await;
    world.pass("alert_hook", "created_at", TimeDelta::hours(1)).await;
    world.round().await;
    let success = world.ended(NAME, RunState::Succeeded).await;
    world.ended(NAME, RunState::Succeeded).await;
    world.round().await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed fake", "partial fake", "recovered fake"]);
    let recovered = &world.receiver.documents().await[2];
    assert_eq!((&recovered["occurrences"], &recovered["job"]), (&3.into(), &NAME.into()));
    assert_eq!(recovered["run"]["id"], success.as_str());
    let message = recovered["message"].as_str().unwrap();
    assert_eq!(message, format!("fake recovered after 2m: 2 failed and 1 partial before it (run {success}, manual)"));
    assert_eq!(recovered["since"], world.receiver.documents().await[0]["at"]);
    world.end().await;
});

on_both_databases!(a_success_of_less_than_what_went_wrong_is_no_recovery, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    let failed = world.ended("a", RunState::Failed).await;
    let one = RunParams { companies: vec!["7203".into()], ..RunParams::default() };
    let dry = RunParams { dry_run: true, ..RunParams::default() };
    world.ended_with("a", RunState::Succeeded, one, None).await;
    world.ended_with("a", RunState::Succeeded, dry, None).await;
    world.ended("b", RunState::Succeeded).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed a"]);
    world.ended_with("a", RunState::Succeeded, RunParams::default(), Some(&failed)).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed a", "recovered a"]);
    world.end().await;
});

on_both_databases!(what_happened_while_nobody_looked_is_told_and_what_is_old_is_not, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    // The process died between the run's end and its alert; the next one looks an hour later.
    world.ended("crashed", RunState::Failed).await;
    world.pass("run", "finished_at", TimeDelta::hours(1)).await;
    world.pass("alert_hook", "created_at", TimeDelta::days(3)).await;
    world.pass("alert_hook", "observed_until", TimeDelta::hours(2)).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed crashed"]);
    // Seen as late as that, nobody needs it.
    let old = world.ended("old", RunState::Failed).await;
    let day = world.now().await - TimeDelta::hours(25);
    world.sql("UPDATE run SET finished_at = $2 WHERE id = $1", [old.as_str().into(), day.into()]).await;
    world.pass("alert_hook", "observed_until", TimeDelta::hours(30)).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed crashed"]);
    world.end().await;
});

on_both_databases!(a_commit_that_became_visible_late_is_still_told, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    world.pass("alert_hook", "created_at", TimeDelta::hours(1)).await;
    world.round().await;
    // It says an instant before the last look.
    world.ended("slow", RunState::Failed).await;
    world.pass("run", "finished_at", TimeDelta::minutes(4)).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed slow"]);
    world.end().await;
});

on_both_databases!(a_new_hook_is_not_told_of_the_time_before_it, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    world.ended("a", RunState::Failed).await;
    world.pass("run", "finished_at", TimeDelta::minutes(1)).await;
    let variables = [("DATAINFRA__ALERTS__NEW__URL".to_owned(), world.receiver.url())];
    let settings = data_infrastructure::config::parse(None, &variables.into()).unwrap().alerts;
    let new = replica(&world.process, &settings);
    for _ in 0..2 {
        new.look().await.unwrap();
        new.deliver().await.unwrap();
    }
    assert!(world.receiver.told().await.is_empty());
    world.ended("a", RunState::Failed).await;
    new.look().await.unwrap();
    new.deliver().await.unwrap();
    assert_eq!(world.receiver.told().await, ["failed a"]);
    world.end().await;
});

on_both_databases!(a_condition_is_told_when_it_begins_and_when_it_ends_whoever_measures_it, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    let other = replica(&world.process, &hook(&world.receiver.url(), &[]));
    for _ in 0..3 {
        for alerts in [&world.alerts, &other] {
            alerts.condition("stock JP", true, "12 of 400 companies lack the session of 2026-11-20").await.unwrap();
            alerts.condition("stock US", false, "").await.unwrap();
        }
    }
    world.round().await;
    assert_eq!(world.receiver.told().await, ["stale stock JP"]);
    for _ in 0..3 {
        for alerts in [&world.alerts, &other] {
            alerts.condition("stock JP", false, "every company has its day").await.unwrap();
        }
    }
    // A run that succeeds ends no condition, and a condition no trouble of a run.
    world.ended("stock JP", RunState::Succeeded).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["stale stock JP", "recovered stock JP"]);
    let documents = world.receiver.documents().await;
    assert_eq!(documents[0]["message"], "stock JP stale: 12 of 400 companies lack the session of 2026-11-20");
    assert_eq!(documents[1]["message"], "stock JP recovered after 0s: every company has its day");
    assert!(documents.iter().all(|document| document["job"].is_null() && document["run"].is_null()));
    world.end().await;
});
