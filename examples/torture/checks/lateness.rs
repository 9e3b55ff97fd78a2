//! Ticks are recorded and runs started in time, outside of faults and the time it takes to recover from them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use data_infrastructure::jobs::settings::Overlap;

use super::{LATE_BESIDE_STOPPED, LATE_MOST, LATE_P99, RECOVERY, TICK_RECOVERY, observed::Observed, overlap::held};
use crate::{
    daemon,
    faults::{Deed, Kind},
    report::{Report, at, spread},
};

pub fn judge(observed: &Observed, report: &mut Report) {
    let (mut calm, mut struck) = (Vec::new(), Vec::new());
    for tick in &observed.ticks {
        let late = (tick.at - tick.scheduled_for).num_milliseconds();
        if may_delay_ticks(observed, tick.scheduled_for, tick.at) {
            if late > LATE_BESIDE_STOPPED.num_milliseconds() && !without_database(observed, tick.scheduled_for, tick.at)
            {
                report.violation("a tick held up by a daemon that stopped", format!("{late} ms: {tick:?}"));
            }
            struck.push(late);
        } else {
            if late > LATE_MOST.num_milliseconds() {
                report.violation("a tick recorded late", format!("{late} ms: {tick:?}"));
            }
            calm.push(late);
        }
    }
    conclude("ticks late", calm, struck, report);
    starts(observed, report);
}

/// A daemon that dies or drains delays no tick: another one plans. One that stops within a transaction may.
fn may_delay_ticks(observed: &Observed, due: DateTime<Utc>, recorded: DateTime<Utc>) -> bool {
    observed.happened.iter().any(|happened| {
        matches!(happened.kind, Kind::DbRestart | Kind::Cut | Kind::Slow | Kind::Stop)
            && happened.touches(due, recorded, TICK_RECOVERY)
    })
}

/// Whether no daemon reached the database as it should.
fn without_database(observed: &Observed, due: DateTime<Utc>, recorded: DateTime<Utc>) -> bool {
    observed.happened.iter().any(|happened| {
        matches!(happened.deed, Deed::DbRestart { .. } | Deed::Link { slot: None, .. })
            && happened.touches(due, recorded, RECOVERY)
    })
}

/// From when a run could start (its tick, or the end of the run it had to wait for) to its first task.
fn starts(observed: &Observed, report: &mut Report) {
    let mut first: HashMap<&str, DateTime<Utc>> = HashMap::new();
    for enter in &observed.enters {
        first.entry(&enter.run).or_insert(enter.at);
    }
    let ends = ends(observed);
    let (mut calm, mut struck) = (Vec::new(), Vec::new());
    for (run, rows) in &observed.runs {
        let (Some(entered), Some(tick)) = (first.get(run.as_str()), rows[0].scheduled_for) else { continue };
        let alone = daemon::find(&rows[0].job).is_some_and(|spec| spec.overlap != Overlap::Allow);
        let others = ends.get(rows[0].job.as_str()).filter(|_| alone);
        let freed = others.into_iter().flatten().filter(|(at, by)| at < entered && *by != run).map(|(at, _)| *at).max();
        let could = freed.map_or(tick, |freed| freed.max(tick));
        let late = (*entered - could).num_milliseconds();
        if may_delay_starts(observed, could, *entered) {
            struck.push(late);
        } else {
            if late > LATE_MOST.num_milliseconds() {
                report.violation("a run started late", format!("{late} ms: {:?}, entered {entered}", rows[0]));
            }
            calm.push(late);
        }
    }
    conclude("starts late", calm, struck, report);
}

/// By job, when a run stopped being held, by its end or its owner's, and which.
fn ends(observed: &Observed) -> BTreeMap<&str, Vec<(DateTime<Utc>, &str)>> {
    let mut ends: BTreeMap<&str, Vec<(DateTime<Utc>, &str)>> = BTreeMap::new();
    for rows in observed.runs.values() {
        let times = held(rows, observed.until).into_iter().map(|held| (held.until, held.run));
        ends.entry(&rows[0].job).or_default().extend(times);
    }
    ends
}

fn may_delay_starts(observed: &Observed, could: DateTime<Utc>, entered: DateTime<Utc>) -> bool {
    observed.happened.iter().any(|happened| {
        let recovery = match happened.deed {
            Deed::Upstream { .. } | Deed::Pause { .. } | Deed::Reload => return false,
            Deed::Term { .. } => TimeDelta::seconds(10),
            _ => RECOVERY,
        };
        happened.touches(could, entered, recovery)
    })
}

fn conclude(what: &'static str, mut calm: Vec<i64>, struck: Vec<i64>, report: &mut Report) {
    calm.sort_unstable();
    let p99 = at(&calm, 99);
    if p99 > LATE_P99.num_milliseconds() {
        report.violation("late at large", format!("{what}: p99 is {p99} ms"));
    }
    report.count(format!("{what}, without faults"), spread(calm));
    report.count(format!("{what}, under faults"), spread(struck));
}
