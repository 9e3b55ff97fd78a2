//! Every due instant has exactly one record, none before its time; every fired tick one run, and no run two ticks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::observed::{Observed, StateRow};
use crate::report::Report;

/// So long before the end the cursors may stand.
const FRESH: TimeDelta = TimeDelta::seconds(5);

pub fn judge(observed: &Observed, report: &mut Report) {
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    observed.ticks.iter().for_each(|tick| *outcomes.entry(&tick.outcome).or_default() += 1);
    report.count("ticks", format!("{} {outcomes:?}", observed.ticks.len()));
    for (job, states) in &observed.states {
        due_instants(observed, job, states, report);
    }
    runs_of_ticks(observed, report);
    for tick in observed.ticks.iter().filter(|tick| tick.at < tick.scheduled_for) {
        report.violation("a tick before its due instant", format!("{tick:?}"));
    }
}

fn due_instants(observed: &Observed, job: &str, states: &[StateRow], report: &mut Report) {
    let mut due: BTreeSet<DateTime<Utc>> = BTreeSet::new();
    for pair in states.windows(2) {
        if pair[0].schedule != pair[1].schedule {
            continue;
        }
        if pair[1].cursor < pair[0].cursor {
            report.violation("a cursor that went back", format!("{job}: {:?}", pair));
        }
        due.extend(instants(&pair[0].schedule, pair[0].cursor, pair[1].cursor));
    }
    let mut recorded: BTreeMap<DateTime<Utc>, u32> = BTreeMap::new();
    for tick in observed.ticks.iter().filter(|tick| tick.job == job) {
        *recorded.entry(tick.scheduled_for).or_default() += 1;
    }
    for instant in due.iter().filter(|instant| !recorded.contains_key(instant)) {
        report.violation("a due instant without a record", format!("{job} {instant}"));
    }
    for (instant, count) in &recorded {
        if *count > 1 {
            report.violation("a due instant with several records", format!("{job} {instant}: {count}"));
        }
        if !due.contains(instant) {
            report.violation("a record of an instant that was not due", format!("{job} {instant}"));
        }
    }
    let last = states.last().filter(|last| every(&last.schedule).is_some());
    let late = last.map(|last| {
        let next = instants(&last.schedule, last.cursor, observed.until).next();
        (last, next.filter(|next| *next < observed.until - FRESH))
    });
    if let Some((last, Some(next))) = late {
        report.violation(
            "a job whose ticks stopped",
            format!("{job}: {next} is due, the cursor stands since {}", last.at),
        );
    }
}

/// The due instants in `(after, until]`, by a reading of the schedule that shares nothing with the scheduler's.
fn instants(schedule: &str, after: DateTime<Utc>, until: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let every = every(schedule).unwrap_or(i64::MAX);
    let first = (after.timestamp().div_euclid(every)).saturating_add(1);
    let instants = (first..).map_while(move |n| DateTime::from_timestamp(n.checked_mul(every)?, 0));
    instants.take_while(move |instant| *instant <= until)
}

/// `* * * * * *` and `*/n * * * * *` with an n that divides the minute: every n seconds.
fn every(schedule: &str) -> Option<i64> {
    let seconds = schedule.strip_suffix(" * * * * *")?;
    if seconds == "*" { Some(1) } else { seconds.strip_prefix("*/")?.parse().ok().filter(|n| 60 % n == 0) }
}

fn runs_of_ticks(observed: &Observed, report: &mut Report) {
    let mut caused: HashMap<&str, u32> = HashMap::new();
    let mut by_instant: HashMap<(&str, DateTime<Utc>), Vec<&str>> = HashMap::new();
    for (run, rows) in &observed.runs {
        if let Some(at) = rows[0].scheduled_for {
            by_instant.entry((&rows[0].job, at)).or_default().push(run);
        }
    }
    for ((job, at), runs) in by_instant.iter().filter(|(_, runs)| runs.len() > 1) {
        report.violation("two runs of one tick", format!("{job} {at}: {runs:?}"));
    }
    for tick in &observed.ticks {
        match (&tick.run, tick.outcome == "fired") {
            (Some(run), true) => {
                *caused.entry(run).or_default() += 1;
                let rows = observed.runs.get(run);
                if rows.is_none_or(|rows| rows[0].job != tick.job || rows[0].scheduled_for != Some(tick.scheduled_for))
                {
                    report.violation("a fired tick without its run", format!("{tick:?}"));
                }
            }
            (None, false) => {}
            _ => report.violation("a tick whose outcome and run contradict", format!("{tick:?}")),
        }
    }
    for (run, rows) in observed.runs.iter().filter(|(_, rows)| rows[0].scheduled_for.is_some()) {
        if caused.get(run.as_str()) != Some(&1) {
            report.violation("a scheduled run without its one tick", format!("{:?}", rows[0]));
        }
    }
}
