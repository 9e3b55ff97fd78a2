//! Several processes on one database: who has a run, and by which schedule they plan.

use std::time::{Duration, Instant};

use data_infrastructure::{
    db,
    jobs::{
        RunState, TaskReport, TaskState,
        store::{self, Fence, Written},
    },
};

use crate::{
    fake::{Deed, NAME, Process},
    support::{TestStore, on_both_databases},
};

#[tokio::test]
async fn a_process_that_ends_hands_its_run_over_within_a_second() {
    let Some(store) = TestStore::postgres().await else { return };
    let first = Process::new(&store, &[]).await.work();
    first.job.set(&[("a", Deed::Succeed), ("b", Deed::Hang)]);
    let id = first.trigger().await;
    first.until(&id, |run| run.done == 1).await;
    let second = Process::new(&store, &[]).await.work();
    second.job.set(&[("a", Deed::Fail), ("b", Deed::Succeed)]);
    let started = Instant::now();
    let moved = async {
        let run = second.until(&id, |run| run.owner.as_ref() == Some(&second.executor.claimant().owner)).await;
        (run, started.elapsed())
    };
    let ((_, took), ()) = tokio::join!(moved, first.executor.drain(Duration::from_secs(25)));
    let drained = started.elapsed();
    let run = second.ended(&id).await;
    assert_eq!((run.state, run.attempt, run.done, run.failed), (RunState::Succeeded, 1, 2, 0), "{run:?}");
    assert!(took < Duration::from_millis(1500), "moved after {took:?}");
    assert!(drained < Duration::from_secs(4), "the first let go after {drained:?}");
    let metrics = first.metrics.render().unwrap();
    assert!(!metrics.contains("fence_rejections_total{job_name=\"fake\"} 1"), "a run handed over is no split brain");
    first.end().await;
    second.end().await;
}

on_both_databases!(a_run_that_nobody_takes_gets_its_time_to_end, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Pause(700)), ("b", Deed::Pause(700))]);
    let id = process.trigger().await;
    process.until_performed(1).await;
    process.executor.drain(Duration::from_secs(20)).await;
    let run = process.find(&id).await;
    assert_eq!((run.state, run.done), (RunState::Succeeded, 2), "{run:?}");
    process.end().await;
});

on_both_databases!(
    a_run_that_is_claimed_while_its_process_begins_to_drain_goes_back_to_the_queue,
    |store: TestStore| async {
        let process = Process::new(&store, &[]).await;
        process.job.set(&[("a", Deed::Hang)]);
        let id = process.trigger().await;
        // Between the slot and the start stands the commit of a claim.
        let slot = process.executor.try_slot().unwrap();
        let claim = async {
            let (mut drained, looks) = (std::pin::pin!(process.executor.drain(Duration::from_secs(20))), 20);
            for _ in 0..looks {
                let waits = tokio::time::timeout(Duration::from_millis(20), &mut drained).await;
                assert!(waits.is_err(), "a slot is taken");
            }
            assert!(process.executor.try_slot().is_none(), "nobody else gets one");
            let wanted = [(id.clone(), NAME.to_owned())];
            let claimant = process.executor.claimant();
            let claims = store::claim_runs(&process.database, claimant, &wanted, &[NAME]).await.unwrap();
            process.executor.start(claims.into_iter().next().unwrap(), slot);
            drained.await;
        };
        let started = Instant::now();
        claim.await;
        assert!(started.elapsed() < Duration::from_secs(10), "it takes no longer than it must");
        let run = process.find(&id).await;
        assert_eq!((run.state, run.attempt, run.owner), (RunState::Queued, 1, None));
        process.end().await;
    }
);

on_both_databases!(replicas_with_different_configurations_follow_what_was_announced_last, |store: TestStore| async {
    let old = Process::new(&store, &[("SCHEDULE", "0 1 * * *")]).await;
    let new = Process::new(&store, &[("SCHEDULE", "0 2 * * *")]).await;
    for process in [&old, &new, &old, &new, &old] {
        process.set_now("2026-01-10T00:00:00Z");
        process.planner.plan().await.unwrap();
    }
    let state = async || store::find_job(old.database.connection(), NAME).await.unwrap().unwrap();
    assert_eq!(state().await.schedule.expression, "0 2 * * *");
    old.set_now("2026-01-10T01:30:00Z");
    old.planner.plan().await.unwrap();
    assert_eq!(state().await.cursor.to_rfc3339(), "2026-01-10T00:00:00+00:00", "no tick of the old schedule");
    old.set_now("2026-01-10T02:00:00Z");
    old.planner.plan().await.unwrap();
    assert_eq!(state().await.cursor.to_rfc3339(), "2026-01-10T02:00:00+00:00", "the new one's tick, by the old daemon");
    old.end().await;
    new.end().await;
});

on_both_databases!(a_write_repeated_after_a_lost_answer_is_done_once, |store: TestStore| async {
    let process = Process::new(&store, &[]).await;
    let id = process.trigger().await;
    let (database, claimant) = (&process.database, process.executor.claimant());
    let claim = store::claim_next(database, claimant, &[(NAME, true)], 1).await.unwrap().remove(0);
    let (fence, connection) = (&claim.fence, database.connection());
    let keys = ["a".to_owned(), "b".to_owned()];
    let plan = store::TaskPlan { fence: fence.clone(), keys: keys.to_vec(), begun: 1 };
    let plans = std::slice::from_ref(&plan);
    assert_eq!(store::plan_tasks(database, plans).await.unwrap(), [Written::Now]);
    assert_eq!(store::plan_tasks(database, plans).await.unwrap(), [Written::Before]);
    let report = TaskReport::default();
    assert_eq!(store::complete_task_alone(database, fence, "a", &report).await.unwrap(), Written::Now);
    assert_eq!(store::complete_task_alone(database, fence, "a", &report).await.unwrap(), Written::Before);
    assert_eq!(store::start_task(connection, fence, "a", 2).await.unwrap(), Written::Before);
    let transaction = database.begin().await.unwrap();
    assert_eq!(store::complete_task(&transaction, fence, "a", &report).await.unwrap(), Written::Before);
    drop(transaction);
    let early = store::End { fence: fence.clone(), state: None, error: None };
    assert!(store::finish_runs(database, &[early]).await.unwrap()[0].is_none(), "a task has not ended");
    assert_eq!(process.find(&id).await.state, RunState::Running);
    assert_eq!(store::fail_task(database, fence, "b", "no").await.unwrap(), Written::Now);
    assert_eq!(store::fail_task(database, fence, "b", "no").await.unwrap(), Written::Before);
    let run = process.find(&id).await;
    assert_eq!((run.total, run.done, run.failed), (2, 1, 1));
    let states: Vec<_> = process.tasks(&id).await.iter().map(|task| (task.state, task.attempts)).collect();
    assert_eq!(states, [(TaskState::Succeeded, 1), (TaskState::Failed, 0)]);

    let thief = Fence { number: fence.number + 1, ..fence.clone() };
    assert_eq!(store::start_task(connection, &thief, "b", 1).await.unwrap(), Written::NotOurs);
    let stolen = store::TaskPlan { fence: thief.clone(), ..plan };
    assert_eq!(store::plan_tasks(database, &[stolen]).await.unwrap(), [Written::NotOurs]);
    assert_eq!(store::complete_task_alone(database, &thief, "b", &report).await.unwrap(), Written::NotOurs);
    assert_eq!(store::fail_task(database, &thief, "b", "no").await.unwrap(), Written::NotOurs);
    let end = store::End { fence: thief, state: None, error: None };
    assert!(store::finish_runs(database, &[end]).await.unwrap()[0].is_none());
    let end = store::End { fence: fence.clone(), state: None, error: None };
    let ended = store::finish_runs(database, &[end]).await.unwrap().remove(0).unwrap();
    assert_eq!((ended.state, ended.error.as_deref()), (RunState::Partial, Some("1 of 2 tasks failed")));
    db::execute(connection, "DELETE FROM run", []).await.unwrap();
    process.end().await;
});
