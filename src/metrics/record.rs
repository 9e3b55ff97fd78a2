//! What happened, told to the series.

use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus::{Encoder as _, Error, Registry, TextEncoder};

use super::{
    declare::Series,
    standing::{JobStanding, SourceStanding},
};

/// The closed sets whose series exist at 0 from the start.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    pub jobs: &'a [&'a str],
    pub triggers: &'a [&'a str],
    /// Final states of runs.
    pub states: &'a [&'a str],
    pub task_states: &'a [&'a str],
    pub tick_outcomes: &'a [&'a str],
    pub sources: &'a [&'a str],
    pub source_outcomes: &'a [&'a str],
    pub tables: &'a [&'a str],
    pub countries: &'a [&'a str],
    pub alert_events: &'a [&'a str],
}

/// The metrics of one daemon.
pub struct Metrics {
    registry: Registry,
    pub(super) series: Series,
}

impl Metrics {
    /// Declares every series, each at 0 for each label known.
    ///
    /// # Errors
    /// When two series have one name, which a test excludes.
    pub fn new(labels: &Labels<'_>) -> Result<Self, Error> {
        let registry = Registry::new();
        let series = Series::declare(&registry)?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        let metrics = Self { registry, series };
        metrics.start_at_zero(labels);
        Ok(metrics)
    }

    fn start_at_zero(&self, labels: &Labels<'_>) {
        let s = &self.series;
        s.build_info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        for job in labels.jobs {
            s.tick_lateness.with_label_values(&[job]);
            s.next_run.with_label_values(&[job]);
            s.last_success.with_label_values(&[job]);
            s.paused.with_label_values(&[job]);
            self.job_standing(job, &JobStanding::default());
            s.runs_in_progress.with_label_values(&[job]);
            for counter in [&s.retries, &s.orphans, &s.fence_rejections] {
                counter.with_label_values(&[job]);
            }
            labels.tick_outcomes.iter().for_each(|outcome| drop(s.ticks.with_label_values(&[job, outcome])));
            labels.task_states.iter().for_each(|state| drop(s.tasks.with_label_values(&[job, state])));
            for state in labels.states {
                s.run_duration.with_label_values(&[job, state]);
                labels.triggers.iter().for_each(|trigger| drop(s.runs.with_label_values(&[job, trigger, state])));
            }
        }
        for source in labels.sources {
            s.source_duration.with_label_values(&[source]);
            ["kept", "lost"].iter().for_each(|outcome| drop(s.source_answers.with_label_values(&[source, outcome])));
            self.source_standing(source, &SourceStanding::default());
            s.quarantine_held.with_label_values(&[source]);
            s.differences_open.with_label_values(&[source]);
            labels.source_outcomes.iter().for_each(|o| drop(s.source_requests.with_label_values(&[source, o])));
        }
        for table in labels.tables {
            ["inserted", "updated", "unchanged", "rejected"]
                .iter()
                .for_each(|outcome| drop(s.rows.with_label_values(&[table, outcome])));
        }
        for country in labels.countries {
            s.newest_bar.with_label_values(&[country]);
            s.stale_companies.with_label_values(&[country]);
            self.due_session(country, None, 0, 0);
        }
        ["taken_over", "refused"].iter().for_each(|outcome| drop(s.config_reloads.with_label_values(&[outcome])));
        for event in labels.alert_events {
            ["sent", "failed", "suppressed"].iter().for_each(|o| drop(s.alerts.with_label_values(&[event, o])));
        }
        self.spans_exported(0);
        self.spans_dropped(0);
        self.pool(0, 0, 0, 0);
    }

    /// The text format of Prometheus.
    ///
    /// # Errors
    /// When a series cannot be written down.
    pub fn render(&self) -> Result<String, Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    pub fn beat(&self, at: DateTime<Utc>) {
        self.series.last_beat.set(seconds(at));
    }

    pub fn tick(&self, job: &str, outcome: &str) {
        self.series.ticks.with_label_values(&[job, outcome]).inc();
    }

    pub fn tick_lateness(&self, job: &str, lateness: Duration) {
        self.series.tick_lateness.with_label_values(&[job]).observe(lateness.as_secs_f64());
    }

    /// The next tick; none: the schedule has no further one.
    pub fn next_run(&self, job: &str, at: Option<DateTime<Utc>>) {
        self.series.next_run.with_label_values(&[job]).set(at.map_or(0.0, seconds));
    }

    pub fn paused(&self, job: &str, paused: bool) {
        self.series.paused.with_label_values(&[job]).set(i64::from(paused));
    }

    /// Never goes back: what was read a moment ago may be older than what was just told.
    pub fn job_succeeded(&self, job: &str, at: DateTime<Utc>) {
        let last = self.series.last_success.with_label_values(&[job]);
        last.set(last.get().max(seconds(at)));
    }

    pub fn run_started(&self, job: &str) {
        self.series.runs_in_progress.with_label_values(&[job]).inc();
    }

    /// `state` is none when the run went back to the queue or to another process.
    pub fn run_ended(&self, job: &str, trigger: &str, state: Option<&str>, duration: Duration) {
        self.series.runs_in_progress.with_label_values(&[job]).dec();
        if let Some(state) = state {
            self.run_finished(job, trigger, state);
            self.series.run_duration.with_label_values(&[job, state]).observe(duration.as_secs_f64());
        }
    }

    /// A run reached a final state without having been executed here.
    pub fn run_finished(&self, job: &str, trigger: &str, state: &str) {
        self.series.runs.with_label_values(&[job, trigger, state]).inc();
    }

    pub fn task_ended(&self, job: &str, state: &str) {
        self.series.tasks.with_label_values(&[job, state]).inc();
    }

    pub fn task_retried(&self, job: &str) {
        self.series.retries.with_label_values(&[job]).inc();
    }

    pub fn orphan_recovered(&self, job: &str) {
        self.series.orphans.with_label_values(&[job]).inc();
    }

    pub fn fence_rejected(&self, job: &str) {
        self.series.fence_rejections.with_label_values(&[job]).inc();
    }

    pub fn source_request(&self, source: &str, outcome: &str, duration: Duration) {
        self.series.source_requests.with_label_values(&[source, outcome]).inc();
        self.series.source_duration.with_label_values(&[source]).observe(duration.as_secs_f64());
    }

    /// An answer was kept in the archive, or lost to it.
    pub fn archived(&self, source: &str, kept: bool) {
        self.series.source_answers.with_label_values(&[source, if kept { "kept" } else { "lost" }]).inc();
    }

    /// `outcome` is `inserted`, `updated`, `unchanged` or `rejected`.
    pub fn rows(&self, table: &str, outcome: &str, count: u64) {
        self.series.rows.with_label_values(&[table, outcome]).inc_by(count);
    }

    /// `outcome` is `sent`, `failed` or `suppressed`.
    pub fn alert(&self, event: &str, outcome: &str) {
        self.series.alerts.with_label_values(&[event, outcome]).inc();
    }

    pub fn http_request(&self, method: &str, route: &str, status: u16, duration: Duration) {
        self.series.http_requests.with_label_values(&[method, route, &status.to_string()]).inc();
        self.series.http_duration.with_label_values(&[method, route]).observe(duration.as_secs_f64());
    }

    /// The collector took spans.
    pub fn spans_exported(&self, count: u64) {
        self.series.spans_exported.with_label_values::<&str>(&[]).inc_by(count);
    }

    /// Spans that nobody will see.
    pub fn spans_dropped(&self, count: u64) {
        self.series.spans_dropped.with_label_values::<&str>(&[]).inc_by(count);
    }
}

pub(super) fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_micros() as f64 / 1e6
}
