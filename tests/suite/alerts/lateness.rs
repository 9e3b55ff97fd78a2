//! What comes late: runs that wait, runs that started late, ticks of a daemon that was down.

use chrono::TimeDelta;
use data_infrastructure::jobs::{RunId, RunState, Tick, TickOutcome, store};

use super::world::World;
use crate::support::on_both_databases;

const MINUTE: TimeDelta = TimeDelta::minutes(1);

impl World {
    /// A tick that was due so long ago and is recorded now.
    async fn tick(&self, job: &str, ago: TimeDelta, outcome: TickOutcome, run: Option<&RunId>) {
        let tick = Tick {
            scheduled_for: self.now().await - ago,
            outcome,
            run_id: run.cloned(),
            lateness_ms: ago.num_milliseconds(),
        };
        let new = store::record_ticks(self.database().connection(), &[(job, tick)]).await.unwrap();
        assert_eq!(new.len(), 1);
    }
}

on_both_databases!(a_run_that_waits_too_long_is_told_while_it_waits_and_once, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    let waiting = world.due("a", MINUTE * 6, None).await;
    world.due("soon", MINUTE * 4, None).await;
    world.round().await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["late a"]);
    let document = &world.receiver.documents().await[0];
    let message = document["message"].as_str().unwrap();
    assert!(message.starts_with("a late: due 20") && message.contains("UTC, still waiting after 6m"), "{message}");
    assert_eq!(document["run"]["id"], waiting.as_str());
    // It starts, which is the same lateness, and succeeds.
    let now = world.now().await;
    let started = "UPDATE run SET state = 'running', started_at = $2 WHERE id = $1";
    world.sql(started, [waiting.as_str().into(), now.into()]).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["late a"]);
    world.succeeds(&waiting).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["late a", "recovered a"]);
    assert_eq!(world.receiver.documents().await[1]["occurrences"], 1);
    world.end().await;
});

on_both_databases!(a_run_that_started_late_is_told_and_one_in_time_is_not, |store: TestStore| async {
    let world = World::new(&store, &[("LATE_AFTER", "2m")]).await;
    world.pass("alert_hook", "created_at", TimeDelta::hours(1)).await;
    world.due("late", MINUTE * 4, Some(MINUTE * 3)).await;
    world.due("punctual", MINUTE * 4, Some(MINUTE)).await;
    // One that was put back to the queue has started in time.
    let drained = world.due("drained", MINUTE * 30, Some(MINUTE)).await;
    world.sql("UPDATE run SET state = 'queued' WHERE id = $1", [drained.as_str().into()]).await;
    // One that was cancelled while it waited is nobody's trouble.
    let cancelled = world.due("cancelled", MINUTE * 30, None).await;
    store::request_cancel(world.database().connection(), &cancelled).await.unwrap();
    world.round().await;
    assert_eq!(world.receiver.told().await, ["late late"]);
    let message = world.receiver.documents().await[0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(", 3m late (run "), "{message}");
    world.end().await;
});

on_both_databases!(an_outage_is_told_once_for_a_job_however_many_ticks_it_cost, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    for hours in 2..=9 {
        world.tick("a", TimeDelta::hours(hours), TickOutcome::Coalesced, None).await;
    }
    let run = world.due("a", TimeDelta::hours(1), None).await;
    world.tick("a", TimeDelta::hours(1), TickOutcome::Fired, Some(&run)).await;
    world.tick("punctual", TimeDelta::seconds(3), TickOutcome::Fired, None).await;
    world.tick("paused", TimeDelta::hours(3), TickOutcome::SkippedPaused, None).await;
    world.round().await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["late a"]);
    let document = &world.receiver.documents().await[0];
    let message = document["message"].as_str().unwrap();
    assert!(message.starts_with("a late: ") && message.contains("were up to 9h late"), "{message}");
    world.succeeds(&run).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["late a", "recovered a"]);
    // The next outage is another one.
    world.tick("a", TimeDelta::minutes(10), TickOutcome::Missed, None).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["late a", "recovered a", "late a"]);
    world.end().await;
});

on_both_databases!(a_job_has_recovered_from_lateness_when_it_has_caught_up, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    let mut runs = Vec::new();
    for hours in [3, 2, 1] {
        let run = world.due("a", TimeDelta::hours(hours), None).await;
        world.tick("a", TimeDelta::hours(hours), TickOutcome::Fired, Some(&run)).await;
        runs.push(run);
    }
    world.round().await;
    for run in &runs {
        assert_eq!(world.receiver.told().await, ["late a"]);
        world.succeeds(run).await;
        world.round().await;
    }
    assert_eq!(world.receiver.told().await, ["late a", "recovered a"]);
    world.end().await;
});

on_both_databases!(a_late_run_that_fails_is_both_and_its_recovery_one, |store: TestStore| async {
    let world = World::new(&store, &[]).await;
    let run = world.due("a", MINUTE * 10, None).await;
    world.round().await;
    let now = world.now().await;
    let failed = "UPDATE run SET state = 'failed', started_at = $2, finished_at = $2 WHERE id = $1";
    world.sql(failed, [run.as_str().into(), now.into()]).await;
    world.round().await;
    world.ended("a", RunState::Succeeded).await;
    world.round().await;
    assert_eq!(world.receiver.told().await, ["late a", "failed a", "recovered a"]);
    let message = world.receiver.documents().await[2]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("1 failed and 1 late before it"), "{message}");
    world.end().await;
});
