//! How late jobs start, and how many runs a second are claimed and completed.
//!
//! ```sh
//! DATABASE_URL=postgres://… cargo bench --bench ticks     # an empty database; without it a temporary SQLite file
//! SECONDS=120 RUNS=50000 cargo bench --bench ticks
//! ```
//!
//! Lateness is from the due instant until the code of the run's task is entered, by when the claim is committed.
//! The baseline of the throughput is what the same database does of the cheapest durable step there is: one `UPDATE`
//! of one row a transaction, over as many connections.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and has nobody to return errors to")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use data_infrastructure::{
    app,
    clock::Clock,
    db::{self, Database},
    jobs::{
        Done, Executor, ExecutorParts, Job, JobError, ParamProblem, Registry, RunContext, RunId, RunParams,
        TaskContext, TaskError, TaskReport, Trigger,
        settings::{JobSettings, Misfire, Overlap},
        store::{self, NewRun},
    },
    metrics::Metrics,
    scheduler::{Beat, Planner, PlannerParts, registered, run_clock},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Connections of the daemon, and of the baseline.
const CONNECTIONS: u32 = 10;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

fn setting(name: &str, default: usize) -> usize {
    #[expect(clippy::disallowed_methods, reason = "a benchmark's own knobs")]
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a benchmark's own knobs")]
    let given = std::env::var("DATABASE_URL").ok();
    let url = given.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("bench.db").display()));
    let (seconds, runs) = (setting("SECONDS", 60), setting("RUNS", 20_000));
    for (jobs, schedule) in [(10, "* * * * * *"), (1000, "*/10 * * * * *")] {
        let process = Process::new(&url, jobs, schedule, 1, Overlap::Queue).await;
        if jobs == 10 {
            println!("{}", if process.database.is_postgres() { "PostgreSQL" } else { "SQLite" });
        }
        process.punctuality(seconds).await;
    }
    let baseline = updates(&url, 5000).await;
    println!("baseline: {baseline:.0} single-row updates a second, each a transaction, {CONNECTIONS} connections");
    for tasks in [0, 1] {
        let process = Process::new(&url, 1, "0 0 1 1 *", tasks, Overlap::Allow).await;
        let rate = process.throughput(runs).await;
        println!(
            "{runs} runs of {tasks} tasks: {rate:.0} a second claimed and completed, {:.2} × the baseline",
            rate / baseline
        );
    }
}

/// What a daemon is made of, but HTTP.
struct Process {
    database: Database,
    planner: Planner,
    executor: Executor,
    clock: Clock,
    metrics: Arc<Metrics>,
    entered: Entered,
    jobs: usize,
}

type Entered = Arc<Mutex<Vec<DateTime<Utc>>>>;

impl Process {
    async fn new(url: &str, jobs: usize, schedule: &str, tasks: usize, overlap: Overlap) -> Self {
        db::fresh(url).await.unwrap();
        let database = Database::connect(url, CONNECTIONS).await.unwrap();
        let (clock, metrics) = (app::system_clock(), Arc::new(app::metrics(&app::MoreJobs::default()).unwrap()));
        let (registry, entered) = (Registry::default(), Entered::default());
        for number in 0..jobs {
            let name: &'static str = format!("job-{number:04}").leak();
            let job = Empty { name, tasks, clock: clock.clone(), entered: Arc::clone(&entered) };
            registry.put(registered(Arc::new(job), settings(schedule, overlap)).unwrap());
        }
        let executor = Executor::new(ExecutorParts {
            database: database.clone(),
            registry: registry.clone(),
            metrics: Arc::clone(&metrics),
            clock: clock.clone(),
            role: "daemon",
            instance: "test".to_owned(),
        });
        let planner = Planner::new(PlannerParts {
            database: database.clone(),
            registry,
            executor: executor.clone(),
            metrics: Arc::clone(&metrics),
            clock: clock.clone(),
        });
        Self { database, planner, executor, clock, metrics, entered, jobs }
    }

    async fn punctuality(self, seconds: usize) {
        // Meets all schedules first.
        self.planner.plan().await.unwrap();
        let (cancel, mut loops) = (CancellationToken::new(), JoinSet::new());
        let (executor, token) = (self.executor.clone(), cancel.clone());
        loops.spawn(async move { executor.work(&token).await });
        let (planner, clock, metrics, token) = (self.planner, self.clock, self.metrics, cancel.clone());
        loops.spawn(async move { run_clock(&planner, &clock, &metrics, &Beat::default(), &token).await });
        tokio::time::sleep(Duration::from_secs(seconds as u64)).await;
        cancel.cancel();
        while loops.join_next().await.is_some() {}
        self.executor.drain(Duration::from_secs(10)).await;
        let period = if self.jobs == 10 { 1000 } else { 10_000 };
        let mut late: Vec<f64> = self
            .entered
            .lock()
            .unwrap()
            .iter()
            .map(|at| (at.timestamp_micros() % (period * 1000)) as f64 / 1000.0)
            .collect();
        late.sort_by(f64::total_cmp);
        let sql = "SELECT count(*) AS n FROM tick WHERE outcome <> 'fired'";
        let skipped: i64 =
            db::one(self.database.connection(), sql, []).await.unwrap().unwrap().try_get("", "n").unwrap();
        println!(
            "{} jobs due at once, {} starts, {skipped} ticks without a run: late p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
            self.jobs,
            late.len(),
            quantile(&late, 0.5),
            quantile(&late, 0.99),
            quantile(&late, 1.0),
        );
        self.database.close().await;
    }

    async fn throughput(self, runs: usize) -> f64 {
        self.planner.plan().await.unwrap();
        let transaction = self.database.begin().await.unwrap();
        for _ in 0..runs {
            let (id, params) = (RunId::generate(), RunParams::default());
            let trigger = Trigger::Manual;
            let (job, note, scheduled_for, retry_of, parallel, origin) = ("job-0000", "", None, None, None, None);
            let new = NewRun { id, job, trigger, scheduled_for, params: &params, note, retry_of, parallel, origin };
            store::insert_run(&transaction, &new).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let (cancel, mut loops) = (CancellationToken::new(), JoinSet::new());
        let (executor, token) = (self.executor.clone(), cancel.clone());
        let started = Instant::now();
        loops.spawn(async move { executor.work(&token).await });
        let sql = "SELECT count(*) AS n FROM run WHERE state <> 'succeeded'";
        loop {
            let left: i64 =
                db::one(self.database.connection(), sql, []).await.unwrap().unwrap().try_get("", "n").unwrap();
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let rate = runs as f64 / started.elapsed().as_secs_f64();
        cancel.cancel();
        while loops.join_next().await.is_some() {}
        self.database.close().await;
        rate
    }
}

async fn updates(url: &str, count: usize) -> f64 {
    db::fresh(url).await.unwrap();
    let database = Database::connect(url, CONNECTIONS).await.unwrap();
    let sql = "INSERT INTO idempotency (key, request_hash, run_id, created_at) VALUES ($1, '', '', $2)";
    for worker in 0..CONNECTIONS {
        let at: DateTime<Utc> = DateTime::UNIX_EPOCH;
        db::execute(database.connection(), sql, [format!("key {worker}").into(), at.into()]).await.unwrap();
    }
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for worker in 0..CONNECTIONS {
        let database = database.clone();
        workers.spawn(async move {
            for turn in 0..count / CONNECTIONS as usize {
                let sql = "UPDATE idempotency SET run_id = $1 WHERE key = $2";
                let values = [turn.to_string().into(), format!("key {worker}").into()];
                let transaction = database.begin().await.unwrap();
                db::execute(&transaction, sql, values).await.unwrap();
                transaction.commit().await.unwrap();
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
    let rate = count as f64 / started.elapsed().as_secs_f64();
    database.close().await;
    rate
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    let last = sorted.len().saturating_sub(1) as f64;
    sorted.get((last * q).round() as usize).copied().unwrap_or(f64::NAN)
}

fn settings(schedule: &str, overlap: Overlap) -> JobSettings {
    JobSettings {
        schedule: schedule.to_owned(),
        timezone: Tz::UTC,
        enabled: true,
        overlap,
        misfire: Misfire::Last,
        misfire_window: Duration::from_secs(3600),
        misfire_max: 10,
        jitter: Duration::ZERO,
        timeout: Duration::from_secs(60),
        max_attempts: 1,
        retry_backoff: Duration::ZERO,
        keep_runs: Duration::from_secs(3600),
        parallel: 1,
    }
}

/// A job whose tasks do nothing but say when they were entered.
struct Empty {
    name: &'static str,
    tasks: usize,
    clock: Clock,
    entered: Entered,
}

#[async_trait]
impl Job for Empty {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        "Does nothing"
    }

    async fn check(&self, _: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        Ok(Vec::new())
    }

    async fn plan(&self, _: &RunContext) -> Result<Vec<String>, JobError> {
        Ok((0..self.tasks).map(|number| number.to_string()).collect())
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        self.entered.lock().unwrap().push(self.clock.now());
        task.complete(TaskReport::default()).await
    }
}
