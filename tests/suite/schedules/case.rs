//! One expression in one zone over one window, and what has to hold of it.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use data_infrastructure::scheduler::Schedule;
use fastrand::Rng;
use proptest::prelude::*;

use super::{
    reference::{Reference, local},
    zones::{ZONES, eventful_instant},
};

pub struct Case {
    zone: Tz,
    expression: String,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone, expression, after, until } = self;
        write!(f, "{expression:?} in {zone} from {after} to {until}")
    }
}

impl Case {
    /// A window of up to `span` before and after an instant at which the clock is moved, if it ever is.
    pub fn random(rng: &mut Rng, span: TimeDelta, expression: impl Fn(&mut Rng, NaiveDateTime) -> String) -> Self {
        let zone = ZONES[rng.usize(0..ZONES.len())];
        let change = eventful_instant(rng, zone);
        let minutes = span.num_minutes();
        // Whole minutes of UTC, as the walk goes by them.
        let start = change.timestamp().div_euclid(60) - rng.i64(minutes / 8..=minutes);
        let end = change.timestamp().div_euclid(60) + rng.i64(minutes / 4..=minutes);
        let [after, until] = [start, end].map(|minute| DateTime::from_timestamp(minute * 60, 0).unwrap());
        let near = local(zone, if rng.bool() { change } else { change - TimeDelta::seconds(1) });
        Self { zone, expression: expression(rng, near), after, until }
    }

    /// How many ticks were compared; nothing when the expression is impossible.
    pub fn check(&self, rng: &mut Rng) -> Result<Option<usize>, TestCaseError> {
        let Ok(schedule) = Schedule::parse(&self.expression, self.zone) else { return Ok(None) };
        let reference = Reference::parse(&self.expression);
        let ticks = schedule.between(self.after, self.until, usize::MAX);
        let walked = reference.walk(self.zone, self.after, self.until);
        // Not the lists themselves: they may be long.
        if let Some(at) = (0..ticks.len().max(walked.len())).find(|at| ticks.get(*at) != walked.get(*at)) {
            prop_assert_eq!(ticks.get(at), walked.get(at), "{}, tick {}", self, at);
        }
        self.check_order(&schedule, &ticks, rng)?;
        for tick in &ticks {
            prop_assert!(self.is_reasoned(&reference, *tick), "{}: {} matches nothing", self, tick);
        }
        let distinct: BTreeSet<NaiveDateTime> = ticks.iter().map(|tick| local(self.zone, *tick)).collect();
        prop_assert!(reference.interval || distinct.len() == ticks.len(), "{}: a fixed time is due twice", self);
        Ok(Some(ticks.len()))
    }

    /// Ticks ascend strictly, and whoever asks for them from wherever gets the same ones.
    fn check_order(&self, schedule: &Schedule, ticks: &[DateTime<Utc>], rng: &mut Rng) -> Result<(), TestCaseError> {
        let all_after = ticks.first().is_none_or(|first| *first > self.after);
        prop_assert!(all_after && ticks.windows(2).all(|pair| pair[0] < pair[1]), "{}", self);
        prop_assert!(schedule.upcoming(self.after, ticks.len()) == ticks, "{}: others are upcoming", self);
        for _ in 0..8 {
            let millis = (self.until - self.after).num_milliseconds();
            let from = self.after + TimeDelta::milliseconds(rng.i64(0..millis));
            let next = schedule.next_after(from);
            let known = ticks.iter().find(|tick| **tick > from).copied();
            prop_assert!(next.is_none_or(|next| next > from), "{}: {:?} is not after {}", self, next, from);
            prop_assert_eq!(next.filter(|next| *next <= self.until), known, "{} after {}", self, from);
        }
        Ok(())
    }

    /// The local time of a tick matches, or it ends a gap in which a time matches.
    fn is_reasoned(&self, reference: &Reference, tick: DateTime<Utc>) -> bool {
        let second = TimeDelta::seconds(1);
        let (before, shown) = (local(self.zone, tick - second), local(self.zone, tick));
        let mut skipped = before + second;
        while skipped < shown {
            if !reference.interval && reference.matches(skipped) {
                return true;
            }
            skipped += second;
        }
        reference.matches(shown)
    }
}
