//! What people read: one plain sentence for each alert. Pure.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{incident::Incident, lateness::Lateness, settings::Event};
use crate::{jobs::Run, settings::format_duration};

/// A run's error may be long; what is needed to judge it stands at its beginning.
const LONGEST_REASON: usize = 300;

/// `stock failed: all 4 tasks failed (run 0198…, schedule, due 2026-11-20 18:00 JST)`
pub fn ended(event: Event, run: &Run, incident: &Incident, repeat_after: TimeDelta, zone: Tz) -> String {
    let reason = run.error.as_deref().map_or_else(|| "no reason was recorded".to_owned(), one_line);
    let (job, event) = (&run.job, event.as_str());
    let told = match incident.occurrences {
        0 | 1 => format!("{job} {event}: {reason}"),
        times => format!("{job} {event} {times} times since {}, at last: {reason}", when(incident.since, zone)),
    };
    format!("{told} ({}){}", of_run(run, zone), comes_and_goes(incident, repeat_after))
}

/// `stock late: due 2026-11-20 18:00 JST, 12m late`
pub fn late(lateness: &Lateness, incident: &Incident, repeat_after: TimeDelta, zone: Tz) -> String {
    let (job, by) = (&lateness.job, span(lateness.late_by));
    let told = match lateness.count {
        0 | 1 if lateness.waiting => {
            format!("{job} late: due {}, still waiting after {by}", when(lateness.newest, zone))
        }
        0 | 1 => format!("{job} late: due {}, {by} late", when(lateness.newest, zone)),
        count => {
            let (from, to) = (when(lateness.earliest, zone), when(lateness.newest, zone));
            format!("{job} late: {count} due instants from {from} to {to} were up to {by} late")
        }
    };
    let again = if incident.occurrences > lateness.count {
        format!(", {} since {}", incident.occurrences, when(incident.since, zone))
    } else {
        String::new()
    };
    let run = lateness.run.as_ref().map_or_else(String::new, |run| format!(" (run {run})"));
    format!("{told}{again}{run}{}", comes_and_goes(incident, repeat_after))
}

/// `stock recovered after 3h 10m: 12 failed and 1 late (run 0198…, schedule, due 2026-11-21 18:00 JST)`
pub fn recovered(passed: &[(Event, Incident)], run: &Run, zone: Tz) -> String {
    let since = passed.iter().map(|(_, incident)| incident.since).min();
    let ended = run.finished_at.unwrap_or(run.created_at);
    let after = since.map_or_else(String::new, |since| format!(" after {}", span(ended - since)));
    let counts: Vec<String> =
        passed.iter().map(|(event, incident)| format!("{} {}", incident.occurrences, event.as_str())).collect();
    format!("{} recovered{after}: {} before it ({})", run.job, counts.join(" and "), of_run(run, zone))
}

/// `stock JP stale: 12 of 400 companies lack …`
pub fn condition(subject: &str, message: &str, incident: &Incident, repeat_after: TimeDelta) -> String {
    format!("{subject} stale: {}{}", one_line(message), comes_and_goes(incident, repeat_after))
}

/// `stock JP recovered after 3h 10m: every company has …`
pub fn condition_passed(subject: &str, message: &str, since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let told = format!("{subject} recovered after {}", span(now - since));
    if message.trim().is_empty() { told } else { format!("{told}: {}", one_line(message)) }
}

fn of_run(run: &Run, zone: Tz) -> String {
    let due = run.scheduled_for.map_or_else(String::new, |due| format!(", due {}", when(due, zone)));
    format!("run {}, {}{due}", run.id, run.trigger)
}

fn comes_and_goes(incident: &Incident, repeat_after: TimeDelta) -> String {
    if incident.comes_and_goes() {
        format!("; it comes and goes, so its recovery is told after {} without it", span(repeat_after))
    } else {
        String::new()
    }
}

fn when(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// To the minute, or to the second below one.
fn span(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0).unsigned_abs();
    format_duration(Duration::from_secs(if seconds < 60 { seconds } else { seconds / 60 * 60 }))
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{RowCounts, RunId, RunParams, RunState, RunTrace, Trigger};

    const ID: &str = "01980000-0000-7000-8000-000000000001";
    const ZONE: Tz = Tz::Asia__Tokyo;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn run(error: &str) -> Run {
        Run {
            id: RunId::parse(ID).unwrap(),
            job: "stock".into(),
            state: RunState::Failed,
            trigger: Trigger::Schedule,
            scheduled_for: Some(at("2026-11-20T09:00:00Z")),
            created_at: at("2026-11-20T09:00:00Z"),
            started_at: None,
            finished_at: Some(at("2026-11-20T12:10:30Z")),
            attempt: 1,
            owner: None,
            params: RunParams::default(),
            note: String::new(),
            retry_of: None,
            parallel: None,
            total: 400,
            done: 397,
            failed: 3,
            rows: RowCounts::default(),
            error: (!error.is_empty()).then(|| error.to_owned()),
            trace: RunTrace::default(),
        }
    }

    fn incident(occurrences: u64, reopened: u32) -> Incident {
        let since = at("2026-11-20T09:00:00Z");
        let (run, counted_to) = (None, None);
        Incident { since, last_at: since, occurrences, told_at: since, reopened, closed_at: None, run, counted_to }
    }

    #[test]
    fn a_run_that_ended_badly_is_told_with_its_reason_and_its_due_instant() {
        let four = TimeDelta::hours(4);
        let text = ended(Event::Partial, &run("3 of 400 tasks failed"), &incident(1, 0), four, ZONE);
        let of_run = format!("(run {ID}, schedule, due 2026-11-20 18:00 JST)");
        assert_eq!(text, format!("stock partial: 3 of 400 tasks failed {of_run}"));
        let text = ended(Event::Failed, &run("a\n  b"), &incident(14, 2), four, ZONE);
        let since = "failed 14 times since 2026-11-20 18:00 JST, at last: a b";
        let flaps = "; it comes and goes, so its recovery is told after 4h without it";
        assert_eq!(text, format!("stock {since} {of_run}{flaps}"));
        let manual = Run { trigger: Trigger::Manual, scheduled_for: None, ..run("") };
        let text = ended(Event::Lost, &manual, &incident(1, 0), four, ZONE);
        assert_eq!(text, format!("stock lost: no reason was recorded (run {ID}, manual)"));
        assert!(ended(Event::Failed, &run(&"é".repeat(999)), &incident(1, 0), four, ZONE).chars().count() < 450);
    }

    #[test]
    fn lateness_is_told_once_for_an_outage() {
        let one = Lateness {
            job: "stock".into(),
            count: 1,
            earliest: at("2026-11-20T09:00:00Z"),
            newest: at("2026-11-20T09:00:00Z"),
            late_by: TimeDelta::seconds(12 * 60 + 7),
            waiting: false,
            run: None,
            at: at("2026-11-20T09:12:07Z"),
        };
        let four = TimeDelta::hours(4);
        let text = |lateness: &Lateness, times| late(lateness, &incident(times, 0), four, ZONE);
        assert_eq!(text(&one, 1), "stock late: due 2026-11-20 18:00 JST, 12m late");
        let waiting = Lateness { waiting: true, run: Some("R".into()), ..one.clone() };
        assert_eq!(text(&waiting, 1), "stock late: due 2026-11-20 18:00 JST, still waiting after 12m (run R)");
        let outage = Lateness { count: 3, newest: at("2026-11-20T11:00:00Z"), late_by: TimeDelta::hours(2), ..one };
        let told = "stock late: 3 due instants from 2026-11-20 18:00 JST to 2026-11-20 20:00 JST were up to 2h late";
        assert_eq!(text(&outage, 3), told);
        assert_eq!(text(&outage, 5), format!("{told}, 5 since 2026-11-20 18:00 JST"));
    }

    #[test]
    fn a_recovery_says_for_how_long_and_how_often() {
        let passed = [(Event::Failed, incident(12, 0)), (Event::Late, incident(1, 0))];
        let text = recovered(&passed, &run(""), ZONE);
        let of_run = format!("(run {ID}, schedule, due 2026-11-20 18:00 JST)");
        assert_eq!(text, format!("stock recovered after 3h 10m: 12 failed and 1 late before it {of_run}"));
    }

    #[test]
    fn a_condition_is_told_by_its_subject() {
        let (four, since) = (TimeDelta::hours(4), incident(1, 0).since);
        let text = condition("stock JP", "12 companies lack\na day", &incident(1, 0), four);
        assert_eq!(text, "stock JP stale: 12 companies lack a day");
        let passed = |message| condition_passed("stock JP", message, since, at("2026-11-20T09:00:42Z"));
        assert_eq!(passed(""), "stock JP recovered after 42s");
        assert_eq!(passed("all there"), "stock JP recovered after 42s: all there");
    }
}
