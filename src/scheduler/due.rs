//! What becomes of due ticks, as a pure function.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::jobs::{
    TickOutcome, Trigger,
    settings::{JobSettings, Misfire, Overlap},
};

/// A tick met within this time counts as on time; an older one was missed.
const ON_TIME: TimeDelta = TimeDelta::seconds(30);

/// The runs of the job that exist when its ticks are judged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Active {
    /// One is being executed by an owner whose lease lives.
    pub running: bool,
    /// One waits in the queue.
    pub waiting: bool,
}

/// One tick, its outcome, and the trigger of the run it causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub tick: DateTime<Utc>,
    pub outcome: TickOutcome,
    pub trigger: Option<Trigger>,
}

/// Judges due ticks, given oldest first: pause, then misfire, then overlap.
pub fn decide(
    ticks: &[DateTime<Utc>],
    now: DateTime<Utc>,
    paused: bool,
    settings: &JobSettings,
    active: Active,
) -> Vec<Decision> {
    if paused {
        return ticks.iter().map(|tick| without_run(*tick, TickOutcome::SkippedPaused)).collect();
    }
    let mut decisions = misfires(ticks, now, settings);
    overlaps(&mut decisions, settings, active);
    decisions
}

fn misfires(ticks: &[DateTime<Utc>], now: DateTime<Utc>, settings: &JobSettings) -> Vec<Decision> {
    let late = ticks.iter().take_while(|tick| now - **tick > ON_TIME).count();
    let window = now - delta(settings.misfire_window);
    let out_of_window = ticks[..late].iter().take_while(|tick| **tick < window).count();
    let out_of_count = late.saturating_sub(settings.misfire_max as usize);
    let given_up = out_of_window.max(out_of_count);
    let some_on_time = late < ticks.len();
    ticks
        .iter()
        .enumerate()
        .map(|(i, tick)| match settings.misfire {
            _ if i >= late => fires(*tick, Trigger::Schedule),
            _ if i < given_up => without_run(*tick, TickOutcome::Missed),
            Misfire::None => without_run(*tick, TickOutcome::Missed),
            Misfire::All => fires(*tick, Trigger::Misfire),
            Misfire::Last if i + 1 == late && !some_on_time => fires(*tick, Trigger::Misfire),
            Misfire::Last => without_run(*tick, TickOutcome::Coalesced),
        })
        .collect()
}

fn overlaps(decisions: &mut [Decision], settings: &JobSettings, mut active: Active) {
    for decision in decisions.iter_mut().filter(|d| d.trigger.is_some()) {
        // Whoever wants all missed ticks made up for wants them to wait, however many.
        let made_up = settings.misfire == Misfire::All && decision.trigger == Some(Trigger::Misfire);
        let refused = match settings.overlap {
            Overlap::Allow | Overlap::Replace => false,
            Overlap::Skip => active.running || active.waiting,
            Overlap::Queue => active.waiting && !made_up,
        };
        if refused {
            *decision = without_run(decision.tick, TickOutcome::SkippedOverlap);
        } else if active.running || active.waiting {
            active.waiting = true;
        } else {
            active.running = true;
        }
    }
}

fn fires(tick: DateTime<Utc>, trigger: Trigger) -> Decision {
    Decision { tick, outcome: TickOutcome::Fired, trigger: Some(trigger) }
}

fn without_run(tick: DateTime<Utc>, outcome: TickOutcome) -> Decision {
    Decision { tick, outcome, trigger: None }
}

fn delta(span: Duration) -> TimeDelta {
    TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)
}
