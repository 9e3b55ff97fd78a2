//! The daemons at the end: alive, and their metrics tell what happened.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::observed::{Observed, is_held};
use crate::{faults::Kind, report::Report, world::Fleet};

/// Longer than a lease and the look for it.
const OUTLIVED: TimeDelta = TimeDelta::seconds(15);

pub async fn judge(fleet: &mut Fleet, observed: &Observed, report: &mut Report) {
    for died in &fleet.died {
        report.violation("a daemon that ended by itself", died.clone());
    }
    for (who, labels, value) in fleet.scrape("datainfra_job_runs_in_progress").await {
        if value != 0.0 {
            report.violation("a run in progress at rest", format!("{who} {labels}: {value}"));
        }
    }
    counters(fleet, observed, report).await;
    fleet.look().await;
    let refused: u64 = fleet.refused.values().sum();
    report.count("fence rejections", refused);
    let outlived = outlived(observed);
    report.count("runs taken from a stopped daemon that woke", outlived);
    if outlived > 0 && refused == 0 {
        report.violation(
            "fence rejections that nobody counted",
            format!("{outlived} runs were taken from stopped daemons"),
        );
    }
}

/// A living daemon has not counted more than there is.
async fn counters(fleet: &Fleet, observed: &Observed, report: &mut Report) {
    let rows: BTreeMap<&str, f64> = [
        ("datainfra_scheduler_ticks_total", observed.ticks.len() as f64),
        ("datainfra_job_runs_total", observed.runs.len() as f64),
    ]
    .into();
    for (series, most) in rows {
        let told: f64 = fleet.scrape(series).await.iter().map(|(_, _, value)| value).sum();
        // Ticks go on while this is read: some more are no fault.
        if told > most + 20.0 {
            report.violation("a series that counts too much", format!("{series}: {told} of {most}"));
        }
    }
}

/// Runs that another daemon took while their owner was stopped.
fn outlived(observed: &Observed) -> usize {
    let stops = observed.happened.iter().filter(|h| h.kind == Kind::Stop && h.until - h.from > OUTLIVED);
    let mut count = 0;
    for stop in stops {
        let Some(owner) = stop.who.as_deref().and_then(|who| observed.owner_of(who)) else { continue };
        count += observed
            .runs
            .values()
            .filter(|rows| {
                let before = rows.iter().take_while(|row| row.at <= stop.from).last();
                let woken = rows.iter().take_while(|row| row.at <= stop.until).last();
                before.is_some_and(|row| is_held(&row.state) && row.owner.as_deref() == Some(owner))
                    && woken.is_some_and(|row| row.owner.as_deref() != Some(owner))
            })
            .count();
    }
    count
}
