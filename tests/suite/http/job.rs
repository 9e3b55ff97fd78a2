//! A job that needs a permit for each task, knows three keys, and fails at one of them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use data_infrastructure::{
    jobs::{
        Done, Job, JobError, ParamProblem, Registered, Registry, RowCounts, RunContext, RunParams, TaskContext,
        TaskError, TaskReport,
        settings::{JobSettings, Misfire, Overlap},
    },
    scheduler::registered,
    told,
};
use tokio::sync::Semaphore;

/// The keys the job knows; `bad` always fails.
const KEYS: [&str; 3] = ["1001", "1002", "bad"];

/// The job alone, on a schedule of one tick a day.
pub fn registry(overlap: Overlap, enabled: bool, permits: &Arc<Semaphore>) -> Registry {
    let settings = JobSettings {
        schedule: "0 18 * * Mon-Fri".to_owned(),
        timezone: Tz::Asia__Tokyo,
        enabled,
        overlap,
        misfire: Misfire::Last,
        misfire_window: Duration::ZERO,
        misfire_max: 1,
        jitter: Duration::ZERO,
        timeout: Duration::from_secs(60),
        max_attempts: 1,
        retry_backoff: Duration::ZERO,
        keep_runs: Duration::from_secs(3600),
        parallel: 1,
    };
    let upcoming = |after: DateTime<Utc>, count: usize| {
        (1..).map(|day| after + TimeDelta::days(day)).take(count).collect::<Vec<_>>()
    };
    let registry = Registry::default();
    let job = registered(Arc::new(Prices(Arc::clone(permits))), settings).unwrap();
    registry.put(Registered { upcoming: Arc::new(upcoming), ..job });
    registry
}

struct Prices(Arc<Semaphore>);

#[async_trait]
impl Job for Prices {
    fn name(&self) -> &'static str {
        "prices"
    }

    fn description(&self) -> &'static str {
        "Fetches <prices>"
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let unknown = params.companies.iter().filter(|key| !KEYS.contains(&key.as_str()));
        Ok(unknown
            .map(|key| ParamProblem {
                param: "companies", message: told!("unknown: {key:?}", "{key:?} はありません")
            })
            .collect())
    }

    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError> {
        let asked = &run.params().companies;
        Ok(if asked.is_empty() { KEYS[..2].iter().map(|&key| key.to_owned()).collect() } else { asked.clone() })
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        tokio::select! {
            permit = self.0.acquire() => permit.unwrap().forget(),
            () = task.run().cancel().cancelled() => return Err(TaskError::Cancelled),
        }
        if task.key() == "bad" {
            return Err(TaskError::Fatal(anyhow::anyhow!("no <good>")));
        }
        let rows = RowCounts { fetched: 5, inserted: 3, unchanged: 2, ..RowCounts::default() };
        task.begin().await?.complete(TaskReport { source: Some("sample"), rows, message: None }).await
    }
}
