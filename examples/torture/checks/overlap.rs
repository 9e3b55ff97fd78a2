//! Where runs of a job must not overlap, no two are executed at once.

use std::fmt;

use chrono::{DateTime, Utc};
use data_infrastructure::jobs::settings::Overlap;

use super::observed::{Observed, RunRow, is_held};
use crate::{daemon, report::Report};

/// A time in which a run is held under a lease that lives.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    pub run: &'a str,
    owner: &'a str,
    from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl fmt::Display for Held<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {} from {} to {}", self.run, self.owner, self.from, self.until)
    }
}

pub fn judge(observed: &Observed, report: &mut Report) {
    let may_overlap = |job: &str| daemon::find(job).is_some_and(|spec| spec.overlap == Overlap::Allow);
    for job in observed.states.keys().filter(|job| !may_overlap(job)) {
        let runs = observed.runs.values().filter(|rows| rows[0].job == *job);
        let mut held: Vec<Held> = runs.flat_map(|rows| held(rows, observed.until)).collect();
        held.sort_by_key(|held| held.from);
        leases(&held, report);
        tasks(observed, job, &held, report);
    }
}

fn leases(held: &[Held], report: &mut Report) {
    let mut latest: Option<Held> = None;
    for one in held {
        if let Some(before) = latest.filter(|before| before.run != one.run && one.from < before.until) {
            report.violation("two runs of one job held at once", format!("{before} and {one}"));
        }
        if latest.is_none_or(|latest| latest.until < one.until) {
            latest = Some(*one);
        }
    }
}

/// A task that ends under a lapsed lease while another run of the job is held was executed beside it.
fn tasks(observed: &Observed, job: &str, held: &[Held], report: &mut Report) {
    for write in observed.writes.iter().filter(|write| write.half == 2) {
        if observed.runs.get(&write.run).is_none_or(|rows| rows[0].job != job) {
            continue;
        }
        let beside = held.iter().find(|one| one.run != write.run && one.from < write.at && write.at < one.until);
        if let Some(beside) = beside {
            report.violation("a task ended beside another run of its job", format!("{write:?} and {beside}"));
        }
    }
}

/// From each row of the history to the next, as long as its lease lasts.
pub fn held(rows: &[RunRow], end: DateTime<Utc>) -> Vec<Held<'_>> {
    let nexts = rows.iter().skip(1).map(|row| row.at).chain([end]);
    let pairs = rows.iter().zip(nexts).filter(|(row, _)| is_held(&row.state));
    let held = pairs.filter_map(|(row, next)| {
        let (lease, owner) = (row.lease_until?, row.owner.as_deref()?);
        Some(Held { run: &row.run, owner, from: row.at, until: next.min(lease) })
    });
    held.filter(|held| held.from < held.until).collect()
}
