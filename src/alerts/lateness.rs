//! Ticks and runs that came late, put together so that an outage is one trouble of a job and not one for each tick: pure.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::store::{LateTicks, ScheduledRun};

/// What came late of a job, seen together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lateness {
    pub job: String,
    pub count: u64,
    /// Due instants.
    pub earliest: DateTime<Utc>,
    pub newest: DateTime<Utc>,
    /// The longest.
    pub late_by: TimeDelta,
    /// The newest of it has not started yet.
    pub waiting: bool,
    /// The newest run in it.
    pub run: Option<String>,
    /// When it was noticed.
    pub at: DateTime<Utc>,
}

/// How late a scheduled run started, or is by now.
#[must_use]
pub fn late_by(run: &ScheduledRun, now: DateTime<Utc>) -> TimeDelta {
    run.started_at.unwrap_or(now) - run.scheduled_for
}

/// One lateness for each job. A run whose tick is among the ticks is the same due instant.
#[must_use]
pub fn gather(
    ticks: Vec<LateTicks>,
    runs: Vec<ScheduledRun>,
    now: DateTime<Utc>,
    late_after: Duration,
) -> Vec<Lateness> {
    let mut found: BTreeMap<String, Lateness> = ticks.into_iter().map(|ticks| (ticks.job.clone(), of(ticks))).collect();
    let counted: BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)> =
        found.iter().map(|(job, late)| (job.clone(), (late.earliest, late.newest))).collect();
    let late_after = TimeDelta::from_std(late_after).unwrap_or(TimeDelta::MAX);
    for run in runs.into_iter().filter(|run| late_by(run, now) > late_after) {
        let again = counted.get(&run.job).is_some_and(|(from, to)| (from..=to).contains(&&run.scheduled_for));
        let by = late_by(&run, now);
        let late = found.entry(run.job.clone()).or_insert_with(|| Lateness {
            job: run.job.clone(),
            count: 0,
            earliest: run.scheduled_for,
            newest: run.scheduled_for,
            late_by: by,
            waiting: false,
            run: None,
            at: run.started_at.unwrap_or(now),
        });
        late.count += u64::from(!again);
        late.earliest = late.earliest.min(run.scheduled_for);
        if run.scheduled_for >= late.newest {
            late.newest = run.scheduled_for;
            late.waiting = run.started_at.is_none();
            late.run = Some(run.id);
        }
        late.late_by = late.late_by.max(by);
        late.at = late.at.max(run.started_at.unwrap_or(now));
    }
    found.into_values().collect()
}

fn of(ticks: LateTicks) -> Lateness {
    let LateTicks { job, count, earliest, newest, late_by, at } = ticks;
    Lateness { job, count, earliest, newest, late_by, waiting: false, run: None, at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn run(job: &str, due: i64, started: Option<i64>) -> ScheduledRun {
        ScheduledRun {
            id: format!("{job}-{due}"),
            job: job.into(),
            scheduled_for: at(due),
            started_at: started.map(at),
        }
    }

    #[test]
    fn only_what_is_later_than_allowed_counts() {
        let runs = vec![run("a", 0, Some(5)), run("b", 0, Some(6)), run("c", 5, None), run("d", 4, None)];
        let late = gather(Vec::new(), runs, at(10), Duration::from_mins(5));
        let told: Vec<(&str, i64, bool)> =
            late.iter().map(|l| (l.job.as_str(), l.late_by.num_minutes(), l.waiting)).collect();
        assert_eq!(told, [("b", 6, false), ("d", 6, true)]);
        assert_eq!((late[0].at, late[1].at), (at(6), at(10)));
    }

    #[test]
    fn an_outage_is_one_lateness_and_its_run_is_not_counted_twice() {
        let ticks = LateTicks {
            job: "a".into(),
            count: 3,
            earliest: at(0),
            newest: at(120),
            late_by: TimeDelta::minutes(125),
            at: at(125),
        };
        // The run of the newest tick, and one that is later still.
        let runs = vec![run("a", 120, Some(126)), run("a", 130, None)];
        let late = gather(vec![ticks], runs, at(140), Duration::from_mins(5));
        assert_eq!(late.len(), 1);
        assert_eq!((late[0].count, late[0].earliest, late[0].newest), (4, at(0), at(130)));
        assert_eq!((late[0].waiting, late[0].run.as_deref(), late[0].at), (true, Some("a-130"), at(140)));
        assert_eq!(late[0].late_by, TimeDelta::minutes(125));
    }
}
