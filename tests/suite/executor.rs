//! Runs and tasks: states, retries, cancellation, timeouts, drain, resumption, fences.

use std::time::Duration;

use data_infrastructure::jobs::{Idempotency, RunParams, RunState, TaskState, Trigger, TriggerError, Triggered, store};

use crate::{
    fake::{Deed, NAME, Process},
    support::on_both_databases,
};

on_both_databases!(a_run_ends_by_what_became_of_its_tasks, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    for (deeds, state) in [
        (&[("a", Deed::Succeed), ("b", Deed::Succeed)][..], RunState::Succeeded),
        (&[("a", Deed::Succeed), ("b", Deed::Fail)], RunState::Partial),
        (&[("a", Deed::Fail), ("b", Deed::Fail)], RunState::Failed),
        (&[], RunState::Succeeded),
    ] {
        process.job.set(deeds);
        let run = process.ended(&process.trigger().await).await;
        assert_eq!(run.state, state, "{run:?}");
        assert_eq!((run.total as usize, run.done + run.failed), (deeds.len(), run.total));
    }
    process.end().await;
});

on_both_databases!(a_dry_run_is_no_success_that_anybody_waits_for, |store: TestStore| async {
    let series = format!("datainfra_job_last_success_timestamp_seconds{{job_name=\"{NAME}\"}} ");
    for dry_run in [true, false] {
        let process = Process::new(&store, &[]).await.work();
        process.job.set(&[("a", Deed::Succeed)]);
        let params = RunParams { dry_run, ..RunParams::default() };
        let made = process.triggers.run(NAME, Trigger::Manual, &params, "", None, None).await.unwrap();
        let Triggered::New(run) = made else { panic!("a new run") };
        assert_eq!(process.ended(&run.id).await.state, RunState::Succeeded);
        // Once drained, whatever follows a run's end has been written.
        process.executor.drain(Duration::from_secs(20)).await;
        let state = store::find_job(process.database.connection(), NAME).await.unwrap().unwrap();
        assert_eq!(state.last_success_at.is_none(), dry_run);
        let told = process.metrics.render().unwrap();
        assert_eq!(told.lines().any(|line| line.starts_with(&series) && !line.ends_with(" 0")), !dry_run, "{told}");
        process.end().await;
    }
});

on_both_databases!(a_panic_fails_its_task_with_the_message_and_nothing_else, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Panic), ("b", Deed::Succeed)]);
    let run = process.ended(&process.trigger().await).await;
    assert_eq!(run.state, RunState::Partial);
    let tasks = process.tasks(&run.id).await;
    assert!(tasks[0].error.as_deref().unwrap().contains("told to panic"), "{tasks:?}");
    process.end().await;
});

on_both_databases!(a_task_that_stumbles_is_tried_again_up_to_its_attempts, |store: TestStore| async {
    let process = Process::new(&store, &[("MAX_ATTEMPTS", "3")]).await.work();
    process.job.set(&[("a", Deed::Stumble(2))]);
    let run = process.ended(&process.trigger().await).await;
    let tasks = process.tasks(&run.id).await;
    assert_eq!((run.state, tasks[0].attempts), (RunState::Succeeded, 3));
    process.job.set(&[("a", Deed::Stumble(99))]);
    let run = process.ended(&process.trigger().await).await;
    let tasks = process.tasks(&run.id).await;
    assert_eq!((run.state, tasks[0].attempts, tasks[0].state), (RunState::Failed, 3, TaskState::Failed));
    process.end().await;
});

on_both_databases!(
    a_task_that_the_database_refuses_waits_longer_each_time_and_loses_no_attempt,
    |store: TestStore| async {
        let process = Process::new(&store, &[("MAX_ATTEMPTS", "1")]).await.work();
        process.job.set(&[("a", Deed::Refused(3))]);
        let run = process.ended(&process.trigger().await).await;
        let task = process.tasks(&run.id).await.remove(0);
        assert_eq!((run.state, task.attempts, process.job.performed()), (RunState::Succeeded, 1, 4));
        // A half, one and two seconds at least.
        let took = (run.finished_at.unwrap() - run.started_at.unwrap()).num_milliseconds();
        assert!(took >= 3400, "{took} ms");
        process.end().await;
    }
);

on_both_databases!(cancelling_ends_a_running_run_and_a_queued_one, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Hang)]);
    let running = process.trigger().await;
    process.until(&running, |run| run.state == RunState::Running && run.total == 1).await;
    let waiting = process.trigger().await;
    assert_eq!(process.triggers.cancel(&waiting, None).await.unwrap(), Some(RunState::Cancelled));
    assert_eq!(process.triggers.cancel(&running, None).await.unwrap(), Some(RunState::Cancelling));
    assert_eq!(process.ended(&running).await.state, RunState::Cancelled);
    process.until_tasks(&running, |task| task.state == TaskState::Cancelled).await;
    // Final states never change.
    assert_eq!(process.triggers.cancel(&running, None).await.unwrap(), Some(RunState::Cancelled));
    assert_eq!(process.find(&waiting).await.state, RunState::Cancelled);
    process.end().await;
});

on_both_databases!(a_run_longer_than_its_timeout_ends_even_when_its_task_is_deaf, |store: TestStore| async {
    let process = Process::new(&store, &[("TIMEOUT", "200ms")]).await.work();
    process.job.set(&[("a", Deed::Deaf)]);
    let run = process.ended(&process.trigger().await).await;
    assert_eq!(run.state, RunState::TimedOut);
    process.end().await;
});

on_both_databases!(runs_of_one_job_follow_one_another, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Hang)]);
    let first = process.trigger().await;
    process.until_performed(1).await;
    let second = process.trigger().await;
    process.job.set(&[("a", Deed::Succeed)]);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(process.find(&second).await.state, RunState::Queued);
    process.triggers.cancel(&first, None).await.unwrap();
    let (first, second) = (process.ended(&first).await, process.ended(&second).await);
    assert_eq!(second.state, RunState::Succeeded);
    assert!(second.started_at.unwrap() >= first.finished_at.unwrap());
    process.end().await;
});

on_both_databases!(overlap_skip_refuses_a_second_run_and_names_the_first, |store: TestStore| async {
    let process = Process::new(&store, &[("OVERLAP", "skip")]).await.work();
    process.job.set(&[("a", Deed::Hang)]);
    let first = process.trigger().await;
    let refused = process.triggers.run(NAME, Trigger::Manual, &RunParams::default(), "", None, None).await;
    assert!(matches!(refused, Err(TriggerError::Overlap(id)) if id == first));
    process.end().await;
});

on_both_databases!(an_idempotency_key_makes_one_run, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Succeed)]);
    let ask = async |hash: &'static str| {
        let key = Idempotency { key: "k", request_hash: hash };
        process.triggers.run(NAME, Trigger::Manual, &RunParams::default(), "", Some(key), None).await
    };
    let Ok(Triggered::New(first)) = ask("one").await else { panic!("a new run") };
    let Ok(Triggered::Repeated(again)) = ask("one").await else { panic!("the same run") };
    assert_eq!(first.id, again.id);
    assert!(matches!(ask("other").await, Err(TriggerError::KeyReused)));
    process.end().await;
});

on_both_databases!(retry_repeats_only_what_failed, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Succeed), ("b", Deed::Fail)]);
    let run = process.ended(&process.trigger().await).await;
    process.job.set(&[("a", Deed::Succeed), ("b", Deed::Succeed)]);
    let Ok(Triggered::New(again)) = process.triggers.retry(&run.id, None).await else { panic!("a new run") };
    let again = process.ended(&again.id).await;
    assert_eq!((again.state, again.trigger, again.total), (RunState::Succeeded, Trigger::Retry, 1));
    assert_eq!(process.tasks(&again.id).await[0].key, "b");
    assert!(matches!(process.triggers.retry(&again.id, None).await, Err(TriggerError::NothingToRetry(_))));
    process.end().await;
});

on_both_databases!(a_drained_run_goes_back_to_the_queue_with_its_finished_tasks, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Succeed), ("b", Deed::Hang)]);
    let id = process.trigger().await;
    process.until(&id, |run| run.done == 1).await;
    process.executor.drain(Duration::from_millis(50)).await;
    let run = process.find(&id).await;
    assert_eq!((run.state, run.done, run.attempt), (RunState::Queued, 1, 1));
    process.end().await;

    let next = Process::new(&store, &[]).await.work();
    next.job.set(&[("a", Deed::Succeed), ("b", Deed::Succeed)]);
    let run = next.ended(&id).await;
    assert_eq!((run.state, run.done, run.total), (RunState::Succeeded, 2, 2));
    assert_eq!(next.job.performed(), 1, "the finished task is not done again");
    next.end().await;
});

on_both_databases!(an_orphan_is_taken_over_and_resumes_from_its_unfinished_tasks, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Succeed), ("b", Deed::Hang)]);
    let id = process.trigger().await;
    process.until(&id, |run| run.done == 1).await;
    process.until_performed(2).await;
    assert_eq!(process.find(&id).await.attempt, 1);
    process.expire_leases().await;
    process.job.set(&[("a", Deed::Fail), ("b", Deed::Succeed)]);
    assert_eq!(process.rescuer.rescue().await.unwrap(), 1);
    let run = process.ended(&id).await;
    assert_eq!((run.state, run.attempt, run.done, run.total), (RunState::Succeeded, 2, 2, 2));
    process.end().await;
});

on_both_databases!(a_run_that_loses_its_owner_too_often_is_lost, |store: TestStore| async {
    let process = Process::new(&store, &[]).await;
    process.job.set(&[("a", Deed::Hang)]);
    let id = process.trigger().await;
    for _ in 0..5 {
        let claimed = store::claim_next(&process.database, process.executor.claimant(), &[(NAME, true)], 9).await;
        assert!(claimed.unwrap().len() == 1);
        process.expire_leases().await;
        process.rescuer.rescue().await.unwrap();
    }
    assert_eq!(process.find(&id).await.state, RunState::Lost);
    let counted = "datainfra_job_runs_total{job_name=\"fake\",state=\"lost\",trigger=\"manual\"} 1";
    assert!(process.metrics.render().unwrap().contains(counted));
    assert!(
        store::claim_next(&process.database, process.executor.claimant(), &[(NAME, true)], 9).await.unwrap().is_empty()
    );
    process.end().await;
});

on_both_databases!(a_write_with_an_old_fence_is_refused_and_counted, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::LoseFence)]);
    let id = process.trigger().await;
    process.until(&id, |run| run.state == RunState::Running && run.total == 1).await;
    let counted = async {
        while !process.metrics.render().unwrap().contains("datainfra_job_fence_rejections_total{job_name=\"fake\"} 1") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), counted).await.expect("the rejection is counted");
    // The theft was part of the refused transaction, so not even that was written.
    let run = process.find(&id).await;
    assert_eq!((run.done, run.owner.as_deref()), (0, Some(process.executor.claimant().owner.as_str())));
    process.end().await;
});

on_both_databases!(an_error_that_no_database_takes_as_it_is_is_kept_all_the_same, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    process.job.set(&[("a", Deed::Garble), ("b", Deed::Succeed)]);
    let run = process.ended(&process.trigger().await).await;
    assert_eq!((run.state, run.error.as_deref()), (RunState::Partial, Some("1 of 2 tasks failed")));
    assert_eq!(process.tasks(&run.id).await[0].error.as_deref(), Some("no\u{fffd}good"));
    process.end().await;
});
