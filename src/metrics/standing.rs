//! What is measured again and again: how jobs, sources, data, configuration and pool stand.
//!
//! What only the database knows for all replicas is read from there, so each of them tells the same; the greatest of
//! them is the one to look at.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::record::{Metrics, seconds};

/// In which a source can stand: the closed set of label values.
pub const SOURCE_STATES: [&str; 4] = ["available", "blocked", "quota", "down"];

/// How a job stands, over all replicas.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobStanding {
    pub last_success_at: Option<DateTime<Utc>>,
    /// The longest time between two successive ticks; none: it never runs by itself.
    pub interval: Option<Duration>,
    /// For one run.
    pub timeout: Duration,
    /// When the oldest active run began; parts of backfills do not count.
    pub running_since: Option<DateTime<Utc>>,
    pub queued: u32,
    /// How often runs of the last hours were taken from an owner that vanished.
    pub recent_takeovers: u32,
    /// When a run last ended as partial, after the last success.
    pub last_partial_at: Option<DateTime<Utc>>,
    /// The oldest due instant after the last success that was not passed over for a pause.
    pub due_since: Option<DateTime<Utc>>,
}

/// How a source stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceStanding {
    /// One of [`SOURCE_STATES`]; empty while it is not known.
    pub state: &'static str,
    pub closed_until: Option<DateTime<Utc>>,
    pub next_request_at: Option<DateTime<Utc>>,
    /// The limit of the day and what is left of it.
    pub quota: Option<(u32, u32)>,
}

impl Metrics {
    pub fn job_standing(&self, job: &str, standing: &JobStanding) {
        let s = &self.series;
        let last_success = s.last_success.with_label_values(&[job]);
        last_success.set(last_success.get().max(standing.last_success_at.map_or(0.0, seconds)));
        s.job_interval.with_label_values(&[job]).set(standing.interval.unwrap_or_default().as_secs_f64());
        s.job_timeout.with_label_values(&[job]).set(standing.timeout.as_secs_f64());
        s.job_running_since.with_label_values(&[job]).set(standing.running_since.map_or(0.0, seconds));
        s.job_due_since.with_label_values(&[job]).set(standing.due_since.map_or(0.0, seconds));
        s.runs_queued.with_label_values(&[job]).set(standing.queued.into());
        s.recent_takeovers.with_label_values(&[job]).set(standing.recent_takeovers.into());
        s.last_partial.with_label_values(&[job]).set(standing.last_partial_at.map_or(0.0, seconds));
    }

    /// It is not known any more what runs: an alarm must not rest on what was true when the database last answered.
    pub fn job_standing_unknown(&self, job: &str) {
        self.series.job_running_since.with_label_values(&[job]).set(0.0);
        self.series.recent_takeovers.with_label_values(&[job]).set(0);
    }

    pub fn database_reachable(&self, reachable: bool) {
        self.series.database_reachable.set(i64::from(reachable));
    }

    /// The tables were found up to date, or brought there.
    pub fn database_migrated(&self) {
        self.series.database_migrated.set(1);
    }

    pub fn source_standing(&self, source: &str, standing: &SourceStanding) {
        let s = &self.series;
        let (limit, left) = standing.quota.unwrap_or_default();
        s.source_closed_until.with_label_values(&[source]).set(standing.closed_until.map_or(0.0, seconds));
        s.source_next_request.with_label_values(&[source]).set(standing.next_request_at.map_or(0.0, seconds));
        s.source_quota_limit.with_label_values(&[source]).set(limit.into());
        s.source_quota_left.with_label_values(&[source]).set(left.into());
        for state in SOURCE_STATES {
            s.source_state.with_label_values(&[source, state]).set(i64::from(state == standing.state));
        }
    }

    pub fn newest_bar(&self, country: &str, day: NaiveDate) {
        self.series.newest_bar.with_label_values(&[country]).set(midnight(day));
    }

    pub fn stale_companies(&self, country: &str, count: u64) {
        self.series.stale_companies.with_label_values(&[country]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// `session` is the one that every company should have by now; none: none is due. `overdue` of the `companies` lack it.
    pub fn due_session(&self, country: &str, session: Option<NaiveDate>, companies: u64, overdue: u64) {
        self.series.due_session.with_label_values(&[country]).set(session.map_or(0.0, midnight));
        self.series.overdue_companies.with_label_values(&[country]).set(i64::try_from(overdue).unwrap_or(i64::MAX));
        self.series.companies.with_label_values(&[country]).set(i64::try_from(companies).unwrap_or(i64::MAX));
    }

    pub fn quarantine_held(&self, source: &str, rows: u64) {
        self.series.quarantine_held.with_label_values(&[source]).set(i64::try_from(rows).unwrap_or(i64::MAX));
    }

    /// Stretches on which the source and the stored bars differ, as far as is known.
    pub fn differences_open(&self, source: &str, count: u64) {
        self.series.differences_open.with_label_values(&[source]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// A new configuration was taken over, or refused for its mistakes.
    pub fn config_reloaded(&self, taken_over: bool, at: DateTime<Utc>) {
        let s = &self.series;
        let outcome = if taken_over { "taken_over" } else { "refused" };
        s.config_reloads.with_label_values(&[outcome]).inc();
        if taken_over {
            self.config_in_force(at);
        } else {
            s.config_successful.set(0);
        }
    }

    /// The configuration was read without a mistake and counts from then on.
    pub fn config_in_force(&self, at: DateTime<Utc>) {
        self.series.config_successful.set(1);
        self.series.config_success.set(seconds(at));
    }

    /// Connections of this process: those open, by what they do; what requests and loads could still have; the most.
    pub fn pool(&self, idle: u32, busy: u32, available: u32, max: u32) {
        let s = &self.series;
        s.pool.with_label_values(&["idle"]).set(i64::from(idle));
        s.pool.with_label_values(&["busy"]).set(i64::from(busy));
        s.pool_available.set(i64::from(available));
        s.pool_max.set(i64::from(max));
    }
}

fn midnight(day: NaiveDate) -> f64 {
    seconds(day.and_time(NaiveTime::MIN).and_utc())
}
