//! A trouble from its first occurrence to its recovery, and when it is told: pure.

use chrono::{DateTime, TimeDelta, Utc};

/// A trouble that came back so often, each time soon after its recovery, comes and goes.
const COMES_AND_GOES: u32 = 2;

/// A trouble of one kind of one subject, as one hook knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    pub since: DateTime<Utc>,
    /// Its newest occurrence.
    pub last_at: DateTime<Utc>,
    pub occurrences: u64,
    pub told_at: DateTime<Utc>,
    /// How often it came back within `repeat_after` of its recovery.
    pub reopened: u32,
    /// When it passed, by what made up for it; none while it lasts.
    pub closed_at: Option<DateTime<Utc>>,
    /// The newest run in it.
    pub run: Option<String>,
    /// The newest due instant counted.
    pub counted_to: Option<DateTime<Utc>>,
}

/// Something that happened again, so many times up to an instant.
#[derive(Clone, Debug)]
pub struct Occurrence {
    pub at: DateTime<Utc>,
    pub count: u64,
    pub run: Option<String>,
    pub counted_to: Option<DateTime<Utc>>,
}

impl Incident {
    /// What an occurrence makes of what was known, and whether it is told: the first of an incident is, and then one
    /// each `repeat_after`.
    #[must_use]
    pub fn after(
        known: Option<Self>,
        occurrence: Occurrence,
        now: DateTime<Utc>,
        repeat_after: TimeDelta,
    ) -> (Self, bool) {
        match known {
            Some(mut open) if open.closed_at.is_none() => {
                let tell = now - open.told_at >= repeat_after;
                open.last_at = open.last_at.max(occurrence.at);
                open.occurrences += occurrence.count;
                open.told_at = if tell { now } else { open.told_at };
                open.run = occurrence.run.or(open.run);
                open.counted_to = open.counted_to.max(occurrence.counted_to);
                (open, tell)
            }
            // Its recovery became visible before it: it belongs to what has passed.
            Some(mut closed) if closed.closed_at > Some(occurrence.at) => {
                closed.occurrences += occurrence.count;
                closed.counted_to = closed.counted_to.max(occurrence.counted_to);
                (closed, false)
            }
            earlier => {
                let back_soon = |old: &Self| old.closed_at.is_some_and(|closed| now - closed < repeat_after);
                let reopened = earlier.filter(back_soon).map_or(0, |old| old.reopened.saturating_add(1));
                let opened = Self {
                    since: occurrence.at,
                    last_at: occurrence.at,
                    occurrences: occurrence.count,
                    told_at: now,
                    reopened,
                    closed_at: None,
                    run: occurrence.run,
                    counted_to: occurrence.counted_to,
                };
                (opened, true)
            }
        }
    }

    /// Whether it comes and goes: then only a longer time without it counts as its recovery, so that neither its
    /// returns nor its recoveries are told each time.
    #[must_use]
    pub const fn comes_and_goes(&self) -> bool {
        self.reopened >= COMES_AND_GOES
    }

    /// Whether a success now would be its recovery.
    #[must_use]
    pub fn may_close(&self, now: DateTime<Utc>, repeat_after: TimeDelta) -> bool {
        self.closed_at.is_none() && (!self.comes_and_goes() || now - self.last_at >= repeat_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPEAT: TimeDelta = TimeDelta::hours(4);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn happens(known: Option<Incident>, minutes: i64) -> (Incident, bool) {
        let occurrence = Occurrence { at: at(minutes), count: 1, run: None, counted_to: None };
        Incident::after(known, occurrence, at(minutes), REPEAT)
    }

    #[test]
    fn the_first_occurrence_is_told_and_then_one_each_so_often() {
        let (mut incident, told) = happens(None, 0);
        assert!(told && incident.since == at(0));
        let mut told_at = Vec::new();
        for minutes in 1..=600 {
            let (next, told) = happens(Some(incident), minutes);
            told_at.extend(told.then_some(minutes));
            incident = next;
        }
        assert_eq!(told_at, [240, 480]);
        assert_eq!((incident.occurrences, incident.since, incident.last_at), (601, at(0), at(600)));
    }

    #[test]
    fn after_its_recovery_it_is_told_anew() {
        let (incident, _) = happens(None, 0);
        assert!(incident.may_close(at(1), REPEAT));
        let closed = Incident { closed_at: Some(at(10)), ..incident };
        assert!(!closed.may_close(at(11), REPEAT), "what is closed is not closed again");
        let (again, told) = happens(Some(closed.clone()), 300);
        assert!(told);
        assert_eq!((again.occurrences, again.since, again.reopened), (1, at(300), 0));
        let (soon, told) = happens(Some(closed), 20);
        assert!(told && soon.reopened == 1 && !soon.comes_and_goes());
    }

    #[test]
    fn an_occurrence_before_the_recovery_is_part_of_what_has_passed() {
        let (incident, _) = happens(None, 0);
        let closed = Incident { closed_at: Some(at(10)), ..incident };
        let occurrence = Occurrence { at: at(9), count: 1, run: None, counted_to: Some(at(9)) };
        let (still, told) = Incident::after(Some(closed.clone()), occurrence, at(11), REPEAT);
        assert!(!told);
        assert_eq!(still, Incident { occurrences: 2, counted_to: Some(at(9)), ..closed.clone() });
        // At the same instant nobody can tell; better told twice than never.
        let (again, told) = happens(Some(closed), 10);
        assert!(told && again.closed_at.is_none());
    }

    #[test]
    fn what_comes_and_goes_counts_as_recovered_only_after_a_longer_time_without_it() {
        let mut told = 0;
        let mut recovered = 0;
        let mut incident = None;
        // An hour in which every second run of each minute fails.
        for minutes in 0..60 {
            let known = if minutes % 2 == 0 {
                let (known, tell) = happens(incident, minutes);
                told += u32::from(tell);
                known
            } else {
                let known: Incident = incident.unwrap();
                let closes = known.may_close(at(minutes), REPEAT);
                recovered += u32::from(closes);
                Incident { closed_at: closes.then(|| at(minutes)).or(known.closed_at), ..known }
            };
            incident = Some(known);
        }
        assert_eq!((told, recovered), (3, 2));
        let incident = incident.unwrap();
        assert!(incident.comes_and_goes() && !incident.may_close(at(58 + 239), REPEAT));
        assert!(incident.may_close(at(58 + 240), REPEAT));
    }
}
