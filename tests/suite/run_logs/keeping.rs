//! Which lines are kept, and in which shape.

use data_infrastructure::{
    db::{self, Database},
    jobs::{LogLevel, RunState, store},
};
use serde_json::Value;

use super::kept::{Kept, log_of, messages, new_run};
use crate::{
    fake::{Deed, Process},
    support::{TestStore, on_both_databases},
};

async fn connect(store: &TestStore) -> Database {
    db::migrate_up(&store.url).await.unwrap();
    Database::connect(&store.url, 4).await.unwrap()
}

on_both_databases!(the_log_of_a_run_tells_a_stranger_what_happened, |store: TestStore| async {
    let process = Process::new(&store, &[("MAX_ATTEMPTS", "2"), ("PARALLEL", "1")]).await.work();
    let kept = Kept::at_level(&process.database, "error");
    process.job.set(&[("a", Deed::Stumble(1)), ("b", Deed::Fail), ("c", Deed::Succeed)]);
    let run = process.ended(&process.trigger().await).await;
    assert_eq!(run.state, RunState::Partial);
    kept.end().await;
    let lines = log_of(&process.database, &run.id).await;
    let told: Vec<_> = lines.iter().map(|line| (line.level.as_str(), line.task.as_deref(), &*line.message)).collect();
    assert_eq!(told[..2], [("info", None, "run started"), ("info", None, "tasks planned")]);
    assert!(told.contains(&("warn", Some("a"), "task will be tried again")), "{told:?}");
    assert!(told.contains(&("error", Some("b"), "task failed")), "{told:?}");
    assert_eq!(told.last(), Some(&("info", None, "run ended")));
    assert_eq!(told.len(), 5, "a task that changed nothing has no line: {told:?}");
    let (first, last) = (&lines[0].fields, &lines[4].fields);
    assert_eq!((&first["trigger"], &first["attempt"]), (&Value::from("manual"), &Value::from(1)));
    assert_eq!(first["owner"], process.executor.claimant().owner.as_str());
    assert_eq!((&last["state"], &last["failed"]), (&Value::from("partial"), &Value::from(1)));
    assert_eq!(lines[0].target, "jobs::executor::execution");
    assert!(lines.iter().map(|line| line.seq).eq(1..=5));
    assert!(lines.is_sorted_by_key(|line| line.at));
    process.end().await;
});

on_both_databases!(a_run_that_is_taken_over_goes_on_in_the_same_log, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    let kept = Kept::start(&process.database);
    process.job.set(&[("a", Deed::Succeed), ("b", Deed::Hang)]);
    let id = process.trigger().await;
    process.until(&id, |run| run.done == 1).await;
    process.until_performed(2).await;
    process.expire_leases().await;
    process.job.set(&[("b", Deed::Succeed)]);
    assert_eq!(process.rescuer.rescue().await.unwrap(), 1);
    process.ended(&id).await;
    kept.end().await;
    let lines = log_of(&process.database, &id).await;
    let told = messages(&lines);
    let at =
        |message: &str| told.iter().position(|told| *told == message).unwrap_or_else(|| panic!("{message}: {told:?}"));
    assert!(at("the run's owner vanished") < at("run goes on with its unfinished tasks"), "{told:?}");
    assert_eq!(told.iter().filter(|told| **told == "run started").count(), 2, "{told:?}");
    process.end().await;
});

on_both_databases!(lines_of_two_runs_at_once_do_not_mix, |store: TestStore| async {
    let database = connect(&store).await;
    let kept = Kept::start(&database);
    let (first, second) = (new_run(&database).await, new_run(&database).await);
    let say = async |run: &str, task: &str| {
        for number in 0..200 {
            tracing::info_span!("run", run).in_scope(|| {
                tracing::info_span!("task", key = task).in_scope(|| tracing::info!(number, "line of {task}"));
            });
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(say(first.as_str(), "one"), say(second.as_str(), "two"));
    kept.end().await;
    for (run, task) in [(&first, "one"), (&second, "two")] {
        let lines = log_of(&database, run).await;
        assert_eq!(lines.len(), 200);
        for (line, number) in lines.iter().zip(0_i64..) {
            assert_eq!(
                (line.seq, line.task.as_deref(), &line.fields["number"]),
                (number + 1, Some(task), &number.into())
            );
            assert_eq!(line.message, format!("line of {task}"));
        }
    }
});

on_both_databases!(what_is_below_info_or_outside_runs_is_not_kept, |store: TestStore| async {
    let database = connect(&store).await;
    let kept = Kept::at_level(&database, "trace");
    let run = new_run(&database).await;
    tracing::error!(run = run.as_str(), "outside");
    tracing::info_span!("run", run = run.as_str()).in_scope(|| {
        tracing::debug!("below");
        tracing::info!("kept");
    });
    tracing::info_span!("run", run = "no id").in_scope(|| tracing::error!("of no run"));
    kept.end().await;
    assert_eq!(messages(&log_of(&database, &run).await), ["kept"]);
});

on_both_databases!(nul_and_a_megabyte_are_kept_harmlessly, |store: TestStore| async {
    let database = connect(&store).await;
    let kept = Kept::start(&database);
    let run = new_run(&database).await;
    tracing::info_span!("run", run = run.as_str()).in_scope(|| {
        tracing::info_span!("task", key = "72\0").in_scope(|| tracing::warn!(error = "a\0b", "NUL \0 here"));
        tracing::info!("{}", "株".repeat(400_000));
        tracing::error!(error = "x".repeat(1_000_000), "after");
    });
    kept.end().await;
    let lines = log_of(&database, &run).await;
    assert_eq!((&*lines[0].message, &lines[0].fields["error"]), ("NUL \u{fffd} here", &"a\u{fffd}b".into()));
    assert_eq!(lines[0].task.as_deref(), Some("72\u{fffd}"));
    assert!(lines[1].message.len() <= 4096 && lines[1].message.ends_with("株…"));
    assert!(lines[2].fields["error"].as_str().unwrap().len() <= 4096);
    assert_eq!((lines[2].level, lines.len()), (LogLevel::Error, 3));
});

on_both_databases!(the_last_line_is_there_when_the_process_ended_in_order, |store: TestStore| async {
    let database = connect(&store).await;
    let run = new_run(&database).await;
    for number in 1..=3 {
        let kept = Kept::start(&database);
        tracing::info_span!("run", run = run.as_str()).in_scope(|| tracing::info!("end {number}"));
        kept.end().await;
        assert_eq!(log_of(&database, &run).await.len(), number);
    }
});

on_both_databases!(a_purge_deletes_the_lines_with_the_run, |store: TestStore| async {
    let process = Process::new(&store, &[]).await.work();
    let kept = Kept::start(&process.database);
    process.job.set(&[("a", Deed::Fail)]);
    let run = process.ended(&process.trigger().await).await;
    kept.end().await;
    assert!(!log_of(&process.database, &run.id).await.is_empty());
    let later = "2100-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(store::purge_runs(process.database.connection(), "fake", later).await.unwrap(), 1);
    assert!(log_of(&process.database, &run.id).await.is_empty());
    process.end().await;
});
