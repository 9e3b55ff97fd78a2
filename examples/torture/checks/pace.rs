//! No source is asked faster than its pace, whoever asks, and none while its `Retry-After` holds.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{PACE, PACE_TOLERANCE, REFUSAL_SPREADS, observed::Observed};
use crate::{
    faults::{Happened, Kind},
    report::Report,
    world::{Asked, Trouble},
};

/// So many places are measured at once, at most.
const WINDOW: u32 = 5;
/// After a daemon wakes or the database answers in time again.
const SETTLES: TimeDelta = TimeDelta::seconds(1);

pub fn judge(observed: &Observed, report: &mut Report) {
    let mut by_source: BTreeMap<&str, Vec<&Asked>> = BTreeMap::new();
    for asked in &observed.asked {
        by_source.entry(&asked.source).or_default().push(asked);
    }
    let mut gaps = Vec::new();
    let mut excused = 0;
    for asked in by_source.values() {
        gaps.extend(asked.windows(2).map(|pair| (pair[1].at - pair[0].at).num_milliseconds()));
        for (number, last) in asked.iter().enumerate() {
            // One that is late brings the next nearer; several in a row cannot be faster than the pace allows.
            let before = asked[..number].iter().rev().zip(1..=WINDOW);
            let close = before.map(|(first, places)| (*first, places)).find(|(first, places)| {
                last.at - first.at + PACE_TOLERANCE < TimeDelta::from_std(PACE * *places).unwrap_or_default()
            });
            let Some((first, places)) = close else { continue };
            if asked[number - places as usize..=number].iter().any(|asked| delayed(observed, asked)) {
                excused += 1;
            } else {
                let gap = last.at - first.at;
                report
                    .violation("a source asked faster than its pace", format!("{places} in {gap}: {first:?} {last:?}"));
            }
        }
        refusals(observed, asked, report);
    }
    report.count("requests", observed.asked.len());
    report.count("least time between two of a source", format!("{} ms", gaps.iter().min().unwrap_or(&0)));
    report.count("requests too close while delayed by a fault", excused);
}

/// A place is granted by the database's clock and taken by the daemon: whoever is stopped, or hears late, is late.
fn delayed(observed: &Observed, asked: &Asked) -> bool {
    observed.happened.iter().filter(|happened| happened.covers(asked.at, SETTLES)).any(|happened| match happened.kind {
        Kind::Slow | Kind::Cut | Kind::DbRestart => true,
        Kind::Stop => happened.who.as_ref() == Some(&asked.who),
        _ => false,
    })
}

fn refusals(observed: &Observed, asked: &[&Asked], report: &mut Report) {
    for refused in asked {
        let Some(Trouble::Refuses(seconds)) = refused.met else { continue };
        // Who died or was cut off with the answer could not tell the others.
        let kinds = [Kind::Kill, Kind::Stop, Kind::Term, Kind::Slow, Kind::Cut, Kind::DbRestart];
        let untold = |happened: &Happened| {
            kinds.contains(&happened.kind) && happened.covers(refused.at, SETTLES)
                || happened.covers(refused.at + SETTLES, SETTLES)
        };
        if observed.happened.iter().any(|happened| kinds.contains(&happened.kind) && untold(happened)) {
            continue;
        }
        let from = refused.at + REFUSAL_SPREADS;
        let until = refused.at + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0)) - PACE_TOLERANCE;
        for early in asked.iter().filter(|early| from < early.at && early.at < until) {
            report.violation("a source asked while its Retry-After held", format!("{refused:?}, then {early:?}"));
        }
    }
}
