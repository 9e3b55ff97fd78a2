//! Ticks: one record and at most one run each, whatever happened meanwhile.

use data_infrastructure::jobs::{
    RunState, Tick, TickOutcome, Trigger,
    store::{self, RunFilter, TickFilter},
};

use crate::{
    fake::{Deed, NAME, Process},
    support::on_both_databases,
};

const HOURLY: (&str, &str) = ("SCHEDULE", "@hourly");

impl Process {
    /// The schedule's cursor stands at midnight, and it is `now`.
    async fn at(&self, now: &str) {
        self.set_now("2026-01-10T00:00:00Z");
        // The first pass meets the schedule; from here on ticks count.
        self.planner.plan().await.unwrap();
        self.set_now(now);
    }

    async fn ticks(&self) -> Vec<Tick> {
        let filter = TickFilter { limit: 100, ..TickFilter::default() };
        let mut ticks = store::list_ticks(self.database.connection(), NAME, &filter).await.unwrap();
        ticks.reverse();
        ticks
    }

    async fn outcomes(&self) -> Vec<&'static str> {
        self.ticks().await.iter().map(|tick| tick.outcome.as_str()).collect()
    }

    async fn runs(&self) -> Vec<(RunState, Trigger)> {
        let filter = RunFilter { limit: 100, ..RunFilter::default() };
        let runs = store::list_runs(self.database.connection(), &filter).await.unwrap();
        runs.iter().map(|run| (run.state, run.trigger)).collect()
    }
}

on_both_databases!(a_due_tick_fires_one_run_that_has_started_when_it_is_committed, |store: TestStore| async {
    let process = Process::new(&store, &[HOURLY]).await;
    process.job.set(&[("a", Deed::Hang)]);
    process.at("2026-01-10T01:00:00.002Z").await;
    let next = process.planner.plan().await.unwrap();
    assert_eq!(next, Some("2026-01-10T02:00:00Z".parse().unwrap()));
    let ticks = process.ticks().await;
    assert_eq!((ticks.len(), ticks[0].outcome, ticks[0].lateness_ms), (1, TickOutcome::Fired, 2));
    assert_eq!(process.runs().await, [(RunState::Running, Trigger::Schedule)]);
    assert!(process.executor.is_executing(ticks[0].run_id.as_ref().unwrap()));
    // The same instant again, and a clock that was set back: nothing more.
    process.planner.plan().await.unwrap();
    process.set_now("2026-01-10T00:30:00Z");
    process.planner.plan().await.unwrap();
    assert_eq!((process.ticks().await.len(), process.runs().await.len()), (1, 1));
    process.end().await;
});

on_both_databases!(a_job_that_only_runs_when_asked_for_has_no_ticks, |store: TestStore| async {
    let process = Process::new(&store, &[("SCHEDULE", "@manually")]).await;
    process.at("2027-01-10T01:00:00Z").await;
    assert_eq!(process.planner.plan().await.unwrap(), None);
    assert!(process.ticks().await.is_empty());
    let id = process.trigger().await;
    assert_eq!(process.find(&id).await.trigger, Trigger::Manual);
    process.end().await;
});

on_both_databases!(a_tick_never_fires_early, |store: TestStore| async {
    let process = Process::new(&store, &[HOURLY]).await;
    process.at("2026-01-10T00:59:59.999Z").await;
    process.planner.plan().await.unwrap();
    assert!(process.ticks().await.is_empty());
    process.end().await;
});

on_both_databases!(missed_ticks_are_made_up_for_as_the_policy_says, |store: TestStore| async {
    // Each test store is one database, so the policies follow one another on jobs of their own cursor.
    for (policy, outcomes, triggers) in [
        ("none", ["missed", "missed", "missed"], &[][..]),
        ("last", ["coalesced", "coalesced", "fired"], &[Trigger::Misfire]),
        ("all", ["fired", "fired", "fired"], &[Trigger::Misfire; 3]),
    ] {
        let process = Process::new(&store, &[HOURLY, ("MISFIRE", policy)]).await;
        clear(&process).await;
        process.job.set(&[("a", Deed::Hang)]);
        process.at("2026-01-10T03:20:00Z").await;
        process.planner.plan().await.unwrap();
        assert_eq!(process.outcomes().await, outcomes, "{policy}");
        let made: Vec<Trigger> = process.runs().await.iter().map(|(_, trigger)| *trigger).collect();
        assert_eq!(made, triggers, "{policy}");
        process.end().await;
    }
});

on_both_databases!(ticks_out_of_window_or_count_are_recorded_as_missed, |store: TestStore| async {
    let settings = [HOURLY, ("MISFIRE", "all"), ("MISFIRE_WINDOW", "150m"), ("MISFIRE_MAX", "1")];
    let process = Process::new(&store, &settings).await;
    process.job.set(&[("a", Deed::Hang)]);
    process.at("2026-01-10T05:20:00Z").await;
    process.planner.plan().await.unwrap();
    assert_eq!(process.outcomes().await, ["missed", "missed", "missed", "missed", "fired"]);
    process.end().await;
});

on_both_databases!(overlap_decides_what_a_tick_does_while_a_run_is_active, |store: TestStore| async {
    for (overlap, outcomes, states) in [
        ("skip", ["fired", "skipped_overlap", "skipped_overlap"], &[RunState::Running][..]),
        ("queue", ["fired", "fired", "skipped_overlap"], &[RunState::Queued, RunState::Running]),
        ("allow", ["fired", "fired", "fired"], &[RunState::Running; 3]),
    ] {
        let process = Process::new(&store, &[HOURLY, ("OVERLAP", overlap)]).await;
        clear(&process).await;
        process.job.set(&[("a", Deed::Hang)]);
        process.at("2026-01-10T01:00:00Z").await;
        for now in ["2026-01-10T01:00:00Z", "2026-01-10T02:00:00Z", "2026-01-10T03:00:00Z"] {
            process.set_now(now);
            process.planner.plan().await.unwrap();
        }
        assert_eq!(process.outcomes().await, outcomes, "{overlap}");
        let found: Vec<RunState> = process.runs().await.iter().map(|(state, _)| *state).collect();
        assert_eq!(found, states, "{overlap}");
        process.end().await;
    }
});

on_both_databases!(overlap_replace_cancels_the_active_run, |store: TestStore| async {
    let process = Process::new(&store, &[HOURLY, ("OVERLAP", "replace")]).await.work();
    process.job.set(&[("a", Deed::Hang)]);
    process.at("2026-01-10T01:00:00Z").await;
    process.planner.plan().await.unwrap();
    let first = process.ticks().await[0].run_id.clone().unwrap();
    process.until(&first, |run| run.total == 1).await;
    process.set_now("2026-01-10T02:00:00Z");
    process.planner.plan().await.unwrap();
    assert_eq!(process.ended(&first).await.state, RunState::Cancelled);
    let second = process.ticks().await[1].run_id.clone().unwrap();
    process.until(&second, |run| run.state == RunState::Running).await;
    process.end().await;
});

on_both_databases!(ticks_while_paused_are_recorded_and_do_not_come_back, |store: TestStore| async {
    let process = Process::new(&store, &[HOURLY, ("MISFIRE", "all")]).await;
    process.job.set(&[("a", Deed::Hang)]);
    process.at("2026-01-10T00:00:01Z").await;
    assert!(store::set_paused(process.database.connection(), NAME, true).await.unwrap());
    process.set_now("2026-01-10T02:00:05Z");
    process.planner.plan().await.unwrap();
    assert!(store::set_paused(process.database.connection(), NAME, false).await.unwrap());
    process.set_now("2026-01-10T03:00:00Z");
    process.planner.plan().await.unwrap();
    assert_eq!(process.outcomes().await, ["skipped_paused", "skipped_paused", "fired"]);
    process.end().await;
});

on_both_databases!(another_schedule_replays_nothing, |store: TestStore| async {
    let process = Process::new(&store, &[HOURLY]).await;
    process.at("2026-01-10T00:30:00Z").await;
    process.end().await;
    let process = Process::new(&store, &[("SCHEDULE", "*/10 * * * *")]).await;
    process.set_now("2026-01-10T08:00:05Z");
    process.planner.plan().await.unwrap();
    process.planner.plan().await.unwrap();
    assert!(process.ticks().await.is_empty());
    process.end().await;
});

on_both_databases!(two_planners_make_one_run_of_each_tick, |store: TestStore| async {
    let (one, two) = (Process::new(&store, &[HOURLY]).await, Process::new(&store, &[HOURLY]).await);
    for process in [&one, &two] {
        process.job.set(&[("a", Deed::Succeed)]);
        process.at("2026-01-10T01:00:00Z").await;
    }
    for hour in 1..=9 {
        let now = format!("2026-01-10T0{hour}:00:00Z");
        one.set_now(&now);
        two.set_now(&now);
        let (a, b) = tokio::join!(one.planner.plan(), two.planner.plan());
        a.unwrap();
        b.unwrap();
        let run = one.ticks().await.last().and_then(|tick| tick.run_id.clone()).expect("the tick fired");
        one.ended(&run).await;
    }
    assert_eq!(one.outcomes().await, ["fired"; 9]);
    assert_eq!(one.runs().await.len(), 9);
    one.end().await;
    two.end().await;
});

async fn clear(process: &Process) {
    for table in ["tick", "run", "job_state"] {
        data_infrastructure::db::execute(process.database.connection(), &format!("DELETE FROM {table}"), [])
            .await
            .unwrap();
    }
}

on_both_databases!(a_clock_that_jumps_doubles_nothing_and_skips_nothing_in_silence, |store: TestStore| async {
    let process = Process::new(&store, &[HOURLY]).await;
    process.job.set(&[("a", Deed::Succeed)]);
    process.at("2026-01-10T03:00:00Z").await;
    process.planner.plan().await.unwrap();
    let before = (process.ticks().await.len(), process.runs().await.len());
    // Back an hour, and through the same hour again.
    for now in ["2026-01-10T02:00:00Z", "2026-01-10T02:59:59Z", "2026-01-10T03:00:00Z", "2026-01-10T03:59:59Z"] {
        process.set_now(now);
        process.planner.plan().await.unwrap();
    }
    assert_eq!((process.ticks().await.len(), process.runs().await.len()), before);
    // Forward a day: the last of the missed ticks runs, and each of the others has its record; of more than
    // misfire_max the oldest are given up.
    process.set_now("2026-01-11T03:30:00Z");
    process.planner.plan().await.unwrap();
    let outcomes = process.outcomes().await;
    let count = |outcome| outcomes.iter().filter(|found| **found == outcome).count();
    assert_eq!((outcomes.len(), count("fired")), (before.0 + 24, 2), "{outcomes:?}");
    assert_eq!((count("coalesced"), count("missed")), (2 + 9, 14), "{outcomes:?}");
    process.end().await;
});
