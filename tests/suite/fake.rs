//! A job whose tasks do as they are told, and the machinery around it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use data_infrastructure::{
    app,
    clock::Clock,
    config,
    db::{self, Database},
    jobs::{
        Done, Executor, ExecutorParts, Job, JobError, ParamProblem, Registry, Run, RunContext, RunId, RunParams, Task,
        TaskContext, TaskError, TaskReport, Trigger, Triggered, Triggers,
        settings::JobSettings,
        store::{self, JobSchedule},
    },
    metrics::Metrics,
    scheduler::{Planner, PlannerParts, Rescuer, registered, run_rescuer},
    told,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::TestStore;

pub const NAME: &str = "fake";

/// What a task does.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Succeed,
    Fail,
    /// Fails with a text that PostgreSQL does not take.
    Garble,
    /// Fails in a way that may pass, so many times.
    Stumble(u32),
    /// Is refused by the database, so many times.
    Refused(u32),
    Panic,
    /// Works for so many milliseconds.
    Pause(u64),
    /// Works until the run is stopped.
    Hang,
    /// Works on, deaf to any stop.
    Deaf,
    /// Does its work while another process takes the run over.
    LoseFence,
}

#[derive(Default)]
pub struct FakeJob {
    deeds: Mutex<BTreeMap<&'static str, Deed>>,
    pub performed: AtomicU32,
}

impl FakeJob {
    pub fn set(&self, deeds: &[(&'static str, Deed)]) {
        *self.deeds.lock().unwrap() = deeds.iter().copied().collect();
    }

    pub fn performed(&self) -> u32 {
        self.performed.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Job for FakeJob {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> &'static str {
        "Does as it is told"
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let unknown = params.companies.iter().filter(|code| *code == "9999");
        Ok(unknown
            .map(|code| ParamProblem {
                param: "companies",
                message: told!("no company {code}", "会社 {code} はありません"),
            })
            .collect())
    }

    async fn plan(&self, _run: &RunContext) -> Result<Vec<String>, JobError> {
        Ok(self.deeds.lock().unwrap().keys().map(|key| (*key).to_owned()).collect())
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        let deed = *self.deeds.lock().unwrap().get(task.key()).expect("a planned key");
        let nth = self.performed.fetch_add(1, Ordering::SeqCst) + 1;
        match deed {
            Deed::Succeed => {}
            Deed::Fail => return Err(TaskError::Fatal(anyhow::anyhow!("as told"))),
            Deed::Garble => return Err(TaskError::Fatal(anyhow::anyhow!("no\0good"))),
            Deed::Stumble(times) if nth <= times => {
                return Err(TaskError::Retry { after: None, error: anyhow::anyhow!("stumbled") });
            }
            Deed::Refused(times) if nth <= times => return Err(TaskError::Unavailable(db::interrupted())),
            Deed::Stumble(_) | Deed::Refused(_) => {}
            Deed::Pause(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Deed::Panic => panic!("told to panic"),
            Deed::Hang => {
                task.run().cancel().cancelled().await;
                return Err(TaskError::Cancelled);
            }
            Deed::Deaf => std::future::pending().await,
            Deed::LoseFence => {
                let transaction = task.begin().await?;
                let steal = "UPDATE run SET fence = fence + 1, owner = 'daemon-thief' WHERE id = $1";
                let id = task.run().id().as_str().to_owned();
                db::execute(transaction.connection(), steal, [id.into()]).await?;
                return transaction.complete(TaskReport::default()).await;
            }
        }
        task.begin().await?.complete(TaskReport::default()).await
    }
}

/// A process: executor, planner and rescuer over one database.
pub struct Process {
    pub database: Database,
    pub job: Arc<FakeJob>,
    pub executor: Executor,
    pub triggers: Triggers,
    pub planner: Planner,
    pub rescuer: Rescuer,
    pub metrics: Arc<Metrics>,
    pub registry: Registry,
    now: Arc<Mutex<Option<DateTime<Utc>>>>,
    cancel: CancellationToken,
    tasks: JoinSet<()>,
}

impl Process {
    /// Settings are those of `[jobs.stock]`, as environment variables without the prefix: `("OVERLAP", "skip")`.
    pub async fn new(store: &TestStore, settings: &[(&str, &str)]) -> Self {
        Self::at_url(&store.url, settings).await
    }

    pub async fn at_url(url: &str, settings: &[(&str, &str)]) -> Self {
        let database = Database::connect(url, 8).await.unwrap();
        db::migrate_up(url).await.unwrap();
        let settings = job_settings(settings);
        let now: Arc<Mutex<Option<DateTime<Utc>>>> = Arc::default();
        let (read, real) = (Arc::clone(&now), app::system_clock());
        let clock = Clock::new(move || read.lock().unwrap().unwrap_or_else(|| real.now()));
        let metrics = Arc::new(app::metrics(&app::MoreJobs::default()).unwrap());
        let job = Arc::new(FakeJob::default());
        let registry = Registry::default();
        registry.put(registered(Arc::<FakeJob>::clone(&job), settings).unwrap());
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
            registry: registry.clone(),
            executor: executor.clone(),
            metrics: Arc::clone(&metrics),
            clock: clock.clone(),
        });
        let triggers = Triggers::new(database.clone(), registry.clone(), executor.clone());
        let rescuer = Rescuer { database: database.clone(), executor: executor.clone(), metrics: Arc::clone(&metrics) };
        let never = JobSchedule { expression: "0 0 1 1 *".to_owned(), timezone: "UTC".to_owned(), offset_ms: 0 };
        store::ensure_job(database.connection(), NAME, &never, clock.now()).await.unwrap();
        let (cancel, tasks) = (CancellationToken::new(), JoinSet::new());
        Self { database, job, executor, triggers, planner, rescuer, metrics, registry, now, cancel, tasks }
    }

    /// Claims queued runs from now on.
    pub fn work(mut self) -> Self {
        let (executor, token) = (self.executor.clone(), self.cancel.clone());
        self.tasks.spawn(async move { executor.work(&token).await });
        self
    }

    /// Takes over expired runs from now on.
    pub fn rescue(mut self) -> Self {
        let (rescuer, token) = (self.rescuer.clone(), self.cancel.clone());
        self.tasks.spawn(async move { run_rescuer(&rescuer, &token).await });
        self
    }

    pub fn set_now(&self, now: &str) {
        *self.now.lock().unwrap() = Some(now.parse().unwrap());
    }

    pub async fn trigger(&self) -> RunId {
        let made = self.triggers.run(NAME, Trigger::Manual, &RunParams::default(), "", None, None).await.unwrap();
        let Triggered::New(run) = made else { panic!("a new run") };
        run.id
    }

    pub async fn find(&self, id: &RunId) -> Run {
        store::find_run(self.database.connection(), id).await.unwrap().unwrap()
    }

    pub async fn until(&self, id: &RunId, done: impl Fn(&Run) -> bool) -> Run {
        let wait = async {
            loop {
                let run = self.find(id).await;
                if done(&run) {
                    return run;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the run gets there")
    }

    pub async fn ended(&self, id: &RunId) -> Run {
        self.until(id, |run| run.state.is_final()).await
    }

    /// Through a database that may be away for a while yet.
    pub async fn ended_patiently(&self, id: &RunId) -> Run {
        let wait = async {
            loop {
                match store::find_run(self.database.connection(), id).await {
                    Ok(Some(run)) if run.state.is_final() => return run,
                    _ => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(90), wait).await.expect("the run gets there")
    }

    pub async fn tasks(&self, id: &RunId) -> Vec<Task> {
        store::list_tasks(self.database.connection(), id, None, None, 500).await.unwrap()
    }

    /// Waits until so many tasks have been begun: from then on they do what they were told before.
    pub async fn until_performed(&self, tasks: u32) {
        let wait = async {
            while self.job.performed() < tasks {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the tasks begin");
    }

    pub async fn until_tasks(&self, id: &RunId, all: impl Fn(&Task) -> bool) {
        let wait = async {
            while !self.tasks(id).await.iter().all(&all) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the tasks get there");
    }

    pub async fn expire_leases(&self) {
        let sql = "UPDATE run SET lease_until = $1 WHERE state IN ('running', 'cancelling')";
        let past: DateTime<Utc> = "2000-01-01T00:00:00Z".parse().unwrap();
        db::execute(self.database.connection(), sql, [past.into()]).await.unwrap();
    }

    pub async fn end(mut self) {
        self.executor.drain(Duration::from_millis(100)).await;
        self.cancel.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.database.close().await;
    }
}

fn job_settings(settings: &[(&str, &str)]) -> JobSettings {
    let mut env = BTreeMap::from([
        ("DATAINFRA__JOBS__STOCK__TIMEZONE".to_owned(), "UTC".to_owned()),
        ("DATAINFRA__JOBS__STOCK__RETRY_BACKOFF".to_owned(), "1ms".to_owned()),
    ]);
    env.extend(settings.iter().map(|(key, value)| (format!("DATAINFRA__JOBS__STOCK__{key}"), (*value).to_owned())));
    config::parse(None, &env).unwrap().stock.job.common
}
