//! Work of a daemon that dies, stops or ends is in other hands, or over, in time.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    MOVED_AFTER_KILL, MOVED_AFTER_TERM,
    observed::{Observed, RunRow, is_final, is_held},
};
use crate::{
    faults::{Deed, Happened, Kind},
    report::{Report, spread},
};

pub fn judge(observed: &Observed, report: &mut Report) {
    for (kind, bound, name) in [
        (Kind::Kill, MOVED_AFTER_KILL, "work moved after SIGKILL"),
        (Kind::Stop, MOVED_AFTER_KILL, "work moved after SIGSTOP"),
        (Kind::Term, MOVED_AFTER_TERM, "work moved after SIGTERM"),
    ] {
        let mut took = Vec::new();
        for happened in observed.happened.iter().filter(|happened| happened.kind == kind) {
            let disturbed = disturbed(observed, happened, bound);
            for (run, after) in moves(observed, happened) {
                let after = after.unwrap_or(TimeDelta::hours(1));
                // A daemon that wakes before its lease ends keeps its work.
                if kind == Kind::Stop && happened.from + after > happened.until {
                    continue;
                }
                took.push(after.num_milliseconds());
                // A run that is being cancelled is offered to nobody: it ends where it is, when its tasks let go.
                let ends_there = kind == Kind::Term && run.state == "cancelling";
                if after > bound && !disturbed && !ends_there {
                    report.violation("work that did not move in time", format!("{after} after {happened:?}: {run:?}"));
                }
            }
        }
        report.count(name, spread(took));
    }
}

/// Another fault in the same time that delays whoever would take the work.
fn disturbed(observed: &Observed, victim: &Happened, bound: TimeDelta) -> bool {
    let others = observed.happened.iter().filter(|other| other.from != victim.from);
    let mut relevant = others.filter(|other| !matches!(other.deed, Deed::Upstream { .. } | Deed::Pause { .. }));
    relevant.any(|other| other.from <= victim.from + bound && victim.from <= other.until + TimeDelta::seconds(2))
}

/// The runs that the process held when it was struck, and how long it took until they were over or another's.
fn moves<'a>(observed: &'a Observed, victim: &Happened) -> Vec<(&'a RunRow, Option<TimeDelta>)> {
    let Some(owner) = victim.who.as_deref().and_then(|who| observed.owner_of(who)) else { return Vec::new() };
    let mut moves = Vec::new();
    for rows in observed.runs.values() {
        let before = rows.iter().take_while(|row| row.at <= victim.from).last();
        let Some(held) = before.filter(|row| is_held(&row.state) && row.owner.as_deref() == Some(owner)) else {
            continue;
        };
        let next = rows.iter().find(|row| row.at > victim.from && in_other_hands(row, owner));
        moves.push((held, next.map(|row| since(victim.from, row.at))));
    }
    moves
}

fn in_other_hands(row: &RunRow, owner: &str) -> bool {
    is_final(&row.state) || row.owner.as_deref().is_some_and(|other| other != owner)
}

fn since(from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
    to - from
}
