//! What a task wrote is there once and whole, or not at all, and only by who held the run when it was committed.

use std::collections::{BTreeMap, HashMap};

use super::observed::{Observed, Write};
use crate::{
    daemon,
    faults::{Deed, Happened},
    report::Report,
};

pub fn judge(observed: &Observed, report: &mut Report) {
    let mut by_transaction: BTreeMap<(&str, &str, i64), Vec<&Write>> = BTreeMap::new();
    for write in &observed.writes {
        by_transaction.entry((&write.run, &write.key, write.xid)).or_default().push(write);
    }
    let mut applied: HashMap<(&str, &str), u32> = HashMap::new();
    for ((run, key, xid), halves) in &by_transaction {
        *applied.entry((run, key)).or_default() += 1;
        let numbers: Vec<i32> = halves.iter().map(|write| write.half).collect();
        if numbers != [1, 2] || halves[0].fence != halves[1].fence || halves[0].owner != halves[1].owner {
            report.violation("a torn write", format!("{halves:?}"));
        }
        fenced(observed, halves[0], *xid, report);
    }
    for ((run, key), count) in applied.iter().filter(|(_, count)| **count > 1) {
        report.violation("a task's writes applied twice", format!("{run} {key}: {count}"));
    }
    totals(observed, &applied, report);
}

/// The transaction that wrote also counted the task in the run's row, which names its holder at that moment.
fn fenced(observed: &Observed, write: &Write, xid: i64, report: &mut Report) {
    let rows = observed.runs.get(&write.run).map_or(&[][..], Vec::as_slice);
    let ours = |row: &&super::observed::RunRow| {
        row.xid == xid && row.fence == write.fence && row.owner.as_deref() == Some(write.owner.as_str())
    };
    if !rows.iter().any(|row| ours(&row)) {
        let woken = observed.happened.iter().any(|happened| woke(happened, write));
        let kind = if woken { "a woken daemon wrote with an old fence" } else { "a write under a fence not in force" };
        let held = rows.iter().find(|row| row.xid == xid);
        report.violation(kind, format!("{write:?}, the run at its commit: {held:?}"));
    }
}

fn woke(happened: &Happened, write: &Write) -> bool {
    matches!(happened.deed, Deed::Stop { .. })
        && happened.who.as_deref() == Some(write.who.as_str())
        && happened.until <= write.at
}

fn totals(observed: &Observed, applied: &HashMap<(&str, &str), u32>, report: &mut Report) {
    let ours = |run: &str| observed.runs.get(run).is_some_and(|rows| daemon::find(&rows[0].job).is_some());
    for ((run, key), state) in observed.tasks.iter().filter(|((run, _), _)| ours(run)) {
        let total = observed.totals.get(&(run.clone(), key.clone())).copied().unwrap_or(0);
        let expected = i32::from(state == "succeeded");
        let written = applied.get(&(run.as_str(), key.as_str())).copied().unwrap_or(0);
        if total != expected {
            report.violation("a total that is not the succeeded tasks'", format!("{run} {key} {state}: {total}"));
        }
        if written == 0 && expected == 1 {
            report.violation("a succeeded task without its writes", format!("{run} {key}"));
        }
    }
    let unknown = observed.totals.keys().filter(|task| !observed.tasks.contains_key(*task));
    unknown.for_each(|task| report.violation("writes of a task that does not exist", format!("{task:?}")));
    report.count("totals", observed.totals.values().sum::<i32>());
}
