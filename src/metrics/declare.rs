//! The series, with names, help texts and labels.

use prometheus::{
    Error, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::Collector,
};

/// From a tenth of a millisecond to a minute: ticks are late by milliseconds or by an outage.
const LATENESS: &[f64] = &[0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];
/// From a quick increment to a long backfill.
const RUN: &[f64] = &[0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 7200.0, 14400.0];
const REQUEST: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

pub struct Series {
    pub build_info: IntGaugeVec,
    pub last_beat: Gauge,
    pub tick_lateness: HistogramVec,
    pub ticks: IntCounterVec,
    pub next_run: GaugeVec,
    pub last_success: GaugeVec,
    pub paused: IntGaugeVec,
    pub job_interval: GaugeVec,
    pub job_timeout: GaugeVec,
    pub job_due_since: GaugeVec,
    pub job_running_since: GaugeVec,
    pub runs_queued: IntGaugeVec,
    pub recent_takeovers: IntGaugeVec,
    pub last_partial: GaugeVec,
    pub runs: IntCounterVec,
    pub runs_in_progress: IntGaugeVec,
    pub run_duration: HistogramVec,
    pub tasks: IntCounterVec,
    pub retries: IntCounterVec,
    pub orphans: IntCounterVec,
    pub fence_rejections: IntCounterVec,
    pub source_requests: IntCounterVec,
    pub source_duration: HistogramVec,
    pub source_answers: IntCounterVec,
    pub source_closed_until: GaugeVec,
    pub source_next_request: GaugeVec,
    pub source_state: IntGaugeVec,
    pub source_quota_limit: IntGaugeVec,
    pub source_quota_left: IntGaugeVec,
    pub rows: IntCounterVec,
    pub newest_bar: GaugeVec,
    pub stale_companies: IntGaugeVec,
    pub overdue_companies: IntGaugeVec,
    pub companies: IntGaugeVec,
    pub due_session: GaugeVec,
    pub quarantine_held: IntGaugeVec,
    pub differences_open: IntGaugeVec,
    pub http_requests: IntCounterVec,
    pub http_duration: HistogramVec,
    pub alerts: IntCounterVec,
    pub database_reachable: IntGauge,
    pub database_migrated: IntGauge,
    pub pool: IntGaugeVec,
    pub pool_available: IntGauge,
    pub pool_max: IntGauge,
    pub config_reloads: IntCounterVec,
    pub spans_exported: IntCounterVec,
    pub spans_dropped: IntCounterVec,
    pub config_successful: IntGauge,
    pub config_success: Gauge,
}

impl Series {
    #[rustfmt::skip]
    pub fn declare(registry: &Registry) -> Result<Self, Error> {
        let new = Declare(registry);
        Ok(Self {
            build_info: new.int_gauge("build_info", "1, labelled with the version", &["version"])?,
            last_beat: new.plain_gauge("scheduler_last_beat_timestamp_seconds", "When the scheduler last looked for due ticks")?,
            tick_lateness: new.histogram("scheduler_tick_lateness_seconds", "From a tick's due instant to its committed run", LATENESS, &["job_name"])?,
            ticks: new.counter("scheduler_ticks_total", "Ticks by what became of them", &["job_name", "outcome"])?,
            next_run: new.gauge("job_next_run_timestamp_seconds", "When the job's next tick is due", &["job_name"])?,
            last_success: new.gauge("job_last_success_timestamp_seconds", "When a run of the job last succeeded that was no dry run; 0: never", &["job_name"])?,
            paused: new.int_gauge("job_paused", "1 while the job is paused", &["job_name"])?,
            job_interval: new.gauge("job_interval_seconds", "The longest time between two successive ticks of the job's schedule; 0: it never runs by itself", &["job_name"])?,
            job_timeout: new.gauge("job_timeout_seconds", "How long one run of the job may take", &["job_name"])?,
            job_due_since: new.gauge("job_due_since_timestamp_seconds", "The oldest due instant after the job's last success that was not passed over for a pause; 0: there is none", &["job_name"])?,
            job_running_since: new.gauge("job_running_since_timestamp_seconds", "When the job's oldest active run began, over all replicas and without parts of backfills; 0: none is active", &["job_name"])?,
            runs_queued: new.int_gauge("job_runs_queued", "Runs that wait for a process, over all replicas", &["job_name"])?,
            recent_takeovers: new.int_gauge("job_recent_takeovers", "How often the job's runs that began or ended within six hours were taken from an owner that vanished, over all replicas and restarts", &["job_name"])?,
            last_partial: new.gauge("job_last_partial_timestamp_seconds", "When a run of the job last ended as partial, after its last success; 0: none did", &["job_name"])?,
            runs: new.counter("job_runs_total", "Runs ended, by trigger and final state", &["job_name", "trigger", "state"])?,
            runs_in_progress: new.int_gauge("job_runs_in_progress", "Runs this process executes now", &["job_name"])?,
            run_duration: new.histogram("job_run_duration_seconds", "From claim to final state", RUN, &["job_name", "state"])?,
            tasks: new.counter("job_tasks_total", "Tasks ended, by state", &["job_name", "state"])?,
            retries: new.counter("job_retries_total", "Tasks put off to another attempt", &["job_name"])?,
            orphans: new.counter("job_orphans_recovered_total", "Runs taken over from an owner that vanished", &["job_name"])?,
            fence_rejections: new.counter("job_fence_rejections_total", "Writes refused because the run had another owner by then", &["job_name"])?,
            source_requests: new.counter("source_requests_total", "Requests to a source by the class of the answer", &["source", "outcome"])?,
            source_duration: new.histogram("source_request_duration_seconds", "Duration of a request to a source", REQUEST, &["source"])?,
            source_answers: new.counter("source_answers_archived_total", "Answers of a source, kept in the archive or lost to it", &["source", "outcome"])?,
            source_closed_until: new.gauge("source_closed_until_timestamp_seconds", "Until when a source is not asked, because its breaker is open or its day is used up; 0: it may be asked", &["source"])?,
            source_next_request: new.gauge("source_next_request_timestamp_seconds", "No request to the source before this instant; 0: it was never asked", &["source"])?,
            source_state: new.int_gauge("source_state", "1 for the state the source is in, over all replicas: available, blocked, quota or down", &["source", "state"])?,
            source_quota_limit: new.int_gauge("source_quota_limit", "Requests of a day (UTC) that the source may be asked; 0: no limit is known", &["source"])?,
            source_quota_left: new.int_gauge("source_quota_left", "Requests of the day that are left, where there is a limit", &["source"])?,
            rows: new.counter("rows_total", "Rows by table and what became of them", &["table", "outcome"])?,
            newest_bar: new.gauge("data_newest_bar_timestamp_seconds", "The newest session stored for any company of the country, at midnight UTC", &["country"])?,
            stale_companies: new.int_gauge("data_stale_companies", "Companies of the country that lack the newest final session", &["country"])?,
            overdue_companies: new.int_gauge("data_overdue_companies", "Companies of the country that lack a session the job should have brought by now", &["country"])?,
            companies: new.int_gauge("data_companies", "Companies of the country that are watched and have bars: those of which some may be overdue", &["country"])?,
            due_session: new.gauge("data_due_session_timestamp_seconds", "The session that the country's companies should have by now, at midnight UTC; 0: none is due", &["country"])?,
            quarantine_held: new.int_gauge("quarantine_held_rows", "Rows of the source that were not loaded and that nobody has decided about", &["source"])?,
            differences_open: new.int_gauge("differences_open", "Stretches on which the source says something else than what is stored", &["source"])?,
            http_requests: new.counter("http_requests_total", "HTTP requests answered", &["method", "route", "status"])?,
            http_duration: new.histogram("http_request_duration_seconds", "Duration of an HTTP request", REQUEST, &["method", "route"])?,
            alerts: new.counter("alerts_total", "Alerts by event and what became of them, counted for each hook", &["event", "outcome"])?,
            database_reachable: new.plain_int_gauge("database_reachable", "1 while the database answered this process when it was last looked at")?,
            database_migrated: new.plain_int_gauge("database_migrated", "1 since this process found the database's tables up to date, or brought them there")?,
            pool: new.int_gauge("db_pool_connections", "Database connections of this process", &["state"])?,
            spans_exported: new.counter("spans_exported_total", "Spans that the collector of traces has taken", &[])?,
            spans_dropped: new.counter("spans_dropped_total", "Spans that the collector did not take, or that did not fit before it", &[])?,
            pool_available: new.plain_int_gauge("db_pool_available_connections", "Connections that requests and loads of this process could still have; those set aside for the scheduler do not count")?,
            pool_max: new.plain_int_gauge("db_pool_max_connections", "Connections that this process may open")?,
            config_reloads: new.counter("config_reloads_total", "New configurations, taken over or refused for their mistakes", &["outcome"])?,
            config_successful: new.plain_int_gauge("config_last_reload_successful", "1 when the configuration read last was taken over, 0 when it was refused for its mistakes")?,
            config_success: new.plain_gauge("config_last_reload_success_timestamp_seconds", "When a configuration was last taken over")?,
        })
    }
}

struct Declare<'a>(&'a Registry);

impl Declare<'_> {
    fn register<C: Collector + Clone + 'static>(&self, collector: C) -> Result<C, Error> {
        self.0.register(Box::new(collector.clone()))?;
        Ok(collector)
    }

    fn counter(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, Error> {
        self.register(IntCounterVec::new(options(name, help), labels)?)
    }

    fn gauge(&self, name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec, Error> {
        self.register(GaugeVec::new(options(name, help), labels)?)
    }

    fn int_gauge(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, Error> {
        self.register(IntGaugeVec::new(options(name, help), labels)?)
    }

    fn plain_gauge(&self, name: &str, help: &str) -> Result<Gauge, Error> {
        self.register(Gauge::with_opts(options(name, help))?)
    }

    fn plain_int_gauge(&self, name: &str, help: &str) -> Result<IntGauge, Error> {
        self.register(IntGauge::with_opts(options(name, help))?)
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64], labels: &[&str]) -> Result<HistogramVec, Error> {
        let options = HistogramOpts::from(options(name, help)).buckets(buckets.to_vec());
        self.register(HistogramVec::new(options, labels)?)
    }
}

fn options(name: &str, help: &str) -> Opts {
    Opts::new(format!("datainfra_{name}"), help)
}
