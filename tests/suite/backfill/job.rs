//! A job whose keys do as they are told, and which remembers what was done. Replicas share one.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use data_infrastructure::{
    jobs::{
        Done, Job, JobError, ParamProblem, Preview, RowCounts, RunContext, RunParams, TaskContext, TaskError,
        TaskReport,
    },
    told,
};

pub const NAME: &str = "keys";
/// The key of runs that name none.
pub const DAILY: &str = "daily";

/// What a task does; by default it succeeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deed {
    Succeed,
    Fail,
    /// Works until it is let go or its run is stopped.
    Wait,
    /// Works until it is let go, deaf to any stop.
    Deaf,
    /// Works for so many milliseconds.
    Take(u64),
}

#[derive(Default)]
pub struct Keys {
    pub keys: Mutex<Vec<String>>,
    /// Of these something is missing; none: of all.
    pub missing: Mutex<Option<Vec<String>>>,
    pub deeds: Mutex<HashMap<String, Deed>>,
    let_go: Mutex<HashSet<String>>,
    under_way: Mutex<Vec<String>>,
    most: Mutex<usize>,
    done: Mutex<BTreeMap<String, u32>>,
    /// A run of no backfill worked while one did.
    pub overlapped: AtomicBool,
    pub plan_fails: AtomicBool,
}

impl Keys {
    pub fn new(keys: impl IntoIterator<Item = impl Into<String>>) -> Arc<Self> {
        Arc::new(Self { keys: Mutex::new(keys.into_iter().map(Into::into).collect()), ..Self::default() })
    }

    /// `k000`, `k001` and so on.
    pub fn numbered(count: usize) -> Arc<Self> {
        Self::new((0..count).map(|n| format!("k{n:03}")))
    }

    pub fn tell(&self, key: &str, deed: Deed) {
        self.deeds.lock().unwrap().insert(key.to_owned(), deed);
    }

    pub fn tell_all(&self, deed: Deed) {
        let keys = self.keys.lock().unwrap().clone();
        keys.iter().for_each(|key| self.tell(key, deed));
    }

    pub fn let_go(&self, key: &str) {
        self.let_go.lock().unwrap().insert(key.to_owned());
    }

    pub fn let_all_go(&self) {
        let keys = self.keys.lock().unwrap().clone();
        keys.iter().for_each(|key| self.let_go(key));
    }

    /// The keys being worked on.
    pub fn under_way(&self) -> Vec<String> {
        self.under_way.lock().unwrap().clone()
    }

    /// The most keys ever worked on at once.
    pub fn most(&self) -> usize {
        *self.most.lock().unwrap()
    }

    /// How often each key was brought to its end.
    pub fn done(&self) -> BTreeMap<String, u32> {
        self.done.lock().unwrap().clone()
    }

    /// Whether every key was done, and none twice.
    pub fn each_once(&self) -> bool {
        let keys = self.keys.lock().unwrap().clone();
        let done = self.done();
        keys.iter().all(|key| done.get(key) == Some(&1)) && done.values().all(|times| *times == 1)
    }

    pub async fn until(&self, wished: impl Fn(&Self) -> bool) {
        let wait = async {
            while !wished(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the keys get there");
    }

    fn is_let_go(&self, key: &str) -> bool {
        self.let_go.lock().unwrap().contains(key)
    }

    fn begin<'a>(&'a self, key: &'a str) -> UnderWay<'a> {
        let mut under_way = self.under_way.lock().unwrap();
        under_way.push(key.to_owned());
        if key == DAILY && under_way.len() > 1 {
            self.overlapped.store(true, Ordering::SeqCst);
        }
        let mut most = self.most.lock().unwrap();
        *most = (*most).max(under_way.len());
        UnderWay(self, key)
    }
}

/// Ends with the task's future, however that ends.
struct UnderWay<'a>(&'a Keys, &'a str);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut under_way = self.0.under_way.lock().unwrap();
        let at = under_way.iter().position(|key| key == self.1).unwrap();
        under_way.remove(at);
    }
}

/// What is registered.
pub struct KeysJob(pub Arc<Keys>);

#[async_trait]
impl Job for KeysJob {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> &'static str {
        "Does what its keys are told"
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let known = self.0.keys.lock().unwrap().clone();
        let unknown = params.companies.iter().filter(|key| !known.contains(key));
        Ok(unknown
            .map(|key| ParamProblem { param: "companies", message: told!("no key {key}", "{key} はありません") })
            .collect())
    }

    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError> {
        if self.0.plan_fails.load(Ordering::SeqCst) {
            return Err(JobError::Refused(told!("told not to plan", "計画しないように言われています")));
        }
        let asked = &run.params().companies;
        if asked.is_empty() {
            return Ok(vec![DAILY.to_owned()]);
        }
        // As a job would that finds a key gone.
        let known = self.0.keys.lock().unwrap().clone();
        Ok(asked.iter().filter(|key| known.contains(key)).cloned().collect())
    }

    async fn keys(&self, params: &RunParams) -> Result<Vec<String>, JobError> {
        if params.companies.is_empty() { Ok(self.0.keys.lock().unwrap().clone()) } else { Ok(params.companies.clone()) }
    }

    async fn preview(
        &self,
        keys: &[String],
        _params: &RunParams,
        _now: DateTime<Utc>,
    ) -> Result<Vec<Preview>, JobError> {
        let missing = self.0.missing.lock().unwrap().clone();
        let is_missing = |key: &&String| missing.as_ref().is_none_or(|missing| missing.contains(key));
        Ok(keys
            .iter()
            .filter(is_missing)
            .map(|key| Preview { key: key.clone(), message: format!("all of {key}") })
            .collect())
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        let keys = &self.0;
        let _under_way = keys.begin(task.key());
        let deed = keys.deeds.lock().unwrap().get(task.key()).copied().unwrap_or(Deed::Succeed);
        match deed {
            Deed::Succeed => {}
            Deed::Fail => return Err(TaskError::Fatal(anyhow::anyhow!("as told"))),
            Deed::Take(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Deed::Wait | Deed::Deaf => {
                while !keys.is_let_go(task.key()) {
                    if deed == Deed::Wait && task.run().cancel().is_cancelled() {
                        return Err(TaskError::Cancelled);
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
        let rows = RowCounts { fetched: 2, inserted: 1, unchanged: 1, ..RowCounts::default() };
        let done = task.begin().await?.complete(TaskReport { source: None, rows, message: None }).await?;
        if task.key() != DAILY {
            *keys.done.lock().unwrap().entry(task.key().to_owned()).or_default() += 1;
        }
        Ok(done)
    }
}
