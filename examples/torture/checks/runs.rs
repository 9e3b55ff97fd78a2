//! Every run reached one final state and never left it, and its counts are those of its tasks.

use std::collections::{BTreeMap, HashMap};

use super::observed::{Observed, is_final};
use crate::report::Report;

pub fn judge(observed: &Observed, report: &mut Report) {
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    let mut takeovers = 0;
    for (run, rows) in &observed.runs {
        let Some(last) = rows.last() else { continue };
        *states.entry(&last.state).or_default() += 1;
        if !is_final(&last.state) {
            report.violation("a run without an end", format!("{last:?}"));
        }
        for pair in rows.windows(2) {
            if is_final(&pair[0].state) && pair[0].state != pair[1].state {
                report.violation("a final state that was left", format!("{:?} → {:?}", pair[0], pair[1]));
            }
            if pair[1].fence < pair[0].fence {
                report.violation("a fence that went back", format!("{:?} → {:?}", pair[0], pair[1]));
            }
            takeovers += u64::from(pair[0].owner.is_some() && pair[1].owner.is_none() && !is_final(&pair[1].state));
        }
        let started = rows.iter().any(|row| row.state == "running");
        let whole = matches!(last.state.as_str(), "succeeded" | "partial" | "failed");
        if whole && started && last.total != last.done + last.failed {
            report.violation("a whole run with tasks left over", format!("{run}: {last:?}"));
        }
    }
    report.count("runs", format!("{} {states:?}", observed.runs.len()));
    report.count("runs put back or taken over", takeovers);
    counts(observed, report);
}

fn counts(observed: &Observed, report: &mut Report) {
    let mut counted: HashMap<&str, (i32, i32)> = HashMap::new();
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for ((run, _), state) in &observed.tasks {
        *states.entry(state).or_default() += 1;
        let (done, failed) = counted.entry(run).or_default();
        *done += i32::from(state == "succeeded");
        *failed += i32::from(state == "failed");
    }
    report.count("tasks", format!("{} {states:?}", observed.tasks.len()));
    for (run, rows) in &observed.runs {
        let tasks = counted.get(run.as_str()).copied().unwrap_or_default();
        if let Some(last) = rows.last().filter(|last| (last.done, last.failed) != tasks) {
            report.violation("a run whose counts are not those of its tasks", format!("{tasks:?} {last:?}"));
        }
    }
}
