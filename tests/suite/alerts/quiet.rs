//! Nobody is woken twice for one thing.

use chrono::TimeDelta;
use data_infrastructure::jobs::RunState;
use tokio_util::sync::CancellationToken;

use super::world::{World, until};
use crate::support::on_both_databases;

on_both_databases!(fifty_failures_in_a_row_are_told_once, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    for _ in 0..10 {
        for _ in 0..5 {
            world.ended("a", RunState::Failed).await;
        }
        world.round().await;
    }
    assert_eq!(world.receiver.told().await, ["failed a"]);
    assert_eq!((world.counted("failed", "sent"), world.counted("failed", "suppressed")), (1, 49));
    world.ended("a", RunState::Succeeded).await;
    world.round().await;
    let documents = world.receiver.documents().await;
    assert_eq!(
        (documents.len(), &documents[1]["event"], &documents[1]["occurrences"]),
        (2, &"recovered".into(), &50.into())
    );
    // From here on it is a new trouble.
    world.ended("a", RunState::Failed).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed a", "recovered a", "failed a"]);
    assert_eq!(world.receiver.documents().await[2]["occurrences"], 1);
    world.end().await;
});

on_both_databases!(a_trouble_that_lasts_is_told_again_after_the_window_with_how_often, |store: TestStore| async {
    let world = World::new(&store, &[("REPEAT_AFTER", "2h")]).await;
    for _ in 0..3 {
        world.ended("a", RunState::Failed).await;
    }
    world.round().await;
    world.pass("alert_incident", "told_at", TimeDelta::minutes(119)).await;
    world.ended("a", RunState::Failed).await;
    world.round().await;
    assert_eq!(world.receiver.told().await.len(), 1, "not yet");
    world.pass("alert_incident", "told_at", TimeDelta::minutes(120)).await;
    world.round().await;
    assert_eq!(world.receiver.told().await.len(), 1, "only when it happens again");
    world.ended("a", RunState::Failed).await;
    world.ended("a", RunState::Failed).await;
    world.round().await;
    let documents = world.receiver.documents().await;
    assert_eq!((documents.len(), &documents[1]["occurrences"]), (2, &5.into()));
    let message = documents[1]["message"].as_str().unwrap();
    assert!(message.starts_with("a failed 5 times since 20") && message.contains("at last: 3 of 400"), "{message}");
    assert_eq!(documents[1]["since"], documents[0]["since"]);
    world.end().await;
});

on_both_databases!(a_failure_that_shows_after_its_recovery_is_not_told_as_a_new_one, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    world.pass("alert_hook", "created_at", TimeDelta::hours(1)).await;
    let first = world.ended("a", RunState::Failed).await;
    world.round().await;
    world.ended("a", RunState::Succeeded).await;
    world.round().await;
    // Committed late: it ended between the two.
    let second = world.ended("a", RunState::Failed).await;
    let between = world.find(&first).await.finished_at.unwrap();
    world.sql("UPDATE run SET finished_at = $2 WHERE id = $1", [second.as_str().into(), between.into()]).await;
    world.round().await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed a", "recovered a"]);
    assert_eq!(world.counted("failed", "suppressed"), 1);
    world.end().await;
});

on_both_databases!(a_job_that_comes_and_goes_is_told_as_such_and_then_left_alone, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    for _ in 0..10 {
        world.ended("a", RunState::Failed).await;
        world.round().await;
        world.ended("a", RunState::Succeeded).await;
        world.round().await;
    }
    let told = ["failed a", "recovered a", "failed a", "recovered a", "failed a"];
    assert_eq!(world.receiver.told().await, told);
    let last = world.receiver.documents().await[4]["message"].as_str().unwrap().to_owned();
    assert!(last.ends_with("; it comes and goes, so its recovery is told after 4h without it"), "{last}");
    world.pass("alert_incident", "last_at", TimeDelta::hours(4)).await;
    world.round().await;
    let recovered = world.receiver.documents().await[5].clone();
    assert_eq!((&recovered["event"], &recovered["occurrences"]), (&"recovered".into(), &8.into()));
    world.end().await;
});

on_both_databases!(more_ends_than_one_look_reads_are_all_counted, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    for _ in 0..205 {
        world.ended("a", RunState::Failed).await;
    }
    world.ended("a", RunState::Succeeded).await;
    world.round().await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["failed a", "recovered a"]);
    assert_eq!(world.receiver.documents().await[1]["occurrences"], 205);
    world.end().await;
});

on_both_databases!(
    what_was_told_is_deleted_after_ninety_days_and_what_was_kept_quiet_before,
    |store: TestStore| async {
        let world = World::new(&store, &[]).await;
        for job in ["old", "old", "new", "new"] {
            world.ended(job, RunState::Failed).await;
            world.round().await;
        }
        assert_eq!(world.states().await, ["sent", "suppressed", "sent", "suppressed"]);
        let (days89, days91) = (world.now().await - TimeDelta::days(89), world.now().await - TimeDelta::days(91));
        world.sql("UPDATE alert SET made_at = $1", [days89.into()]).await;
        world.sql("UPDATE alert SET made_at = $1 WHERE subject = 'old'", [days91.into()]).await;
        // Their runs are as old, or they would be met anew.
        world.pass("run", "finished_at", TimeDelta::days(89)).await;
        let stop = CancellationToken::new();
        let tidied = async {
            until("old alerts are deleted", || async { world.states().await == ["sent"] }).await;
            stop.cancel();
        };
        tokio::join!(data_infrastructure::alerts::run_alerts(&world.alerts, &stop), tidied);
        world.end().await;
    }
);
