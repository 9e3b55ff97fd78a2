//! What a task does: says that it began, works, and writes rows that show any tearing, doubling or stale writing.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use data_infrastructure::{
    crawl::{Answer, PoliteClient, Refusal, Request},
    db::{Connection, Database, execute},
    jobs::{Done, Job, JobError, ParamProblem, RunContext, RunParams, TaskContext, TaskError, TaskReport},
};
use tokio::time::sleep;

use super::Spec;

/// One of every so many tasks ignores that its run is to stop, one stumbles, and one fails for good.
const DEAF: u64 = 2;
const STUMBLES: u8 = 16;
const FAILS: u64 = 40;

pub struct FakeJob {
    pub spec: &'static Spec,
    pub database: Database,
    pub sources: Vec<Arc<PoliteClient>>,
    /// Of the daemon.
    pub name: String,
}

#[async_trait]
impl Job for FakeJob {
    fn name(&self) -> &'static str {
        self.spec.name
    }

    fn description(&self) -> &'static str {
        "Leaves traces for the checker."
    }

    async fn check(&self, _: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        Ok(Vec::new())
    }

    async fn plan(&self, _: &RunContext) -> Result<Vec<String>, JobError> {
        Ok((0..self.spec.tasks).map(|n| format!("k{n:02}")).collect())
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        self.trace(task, self.database.connection(), "INSERT INTO torture_enter", None).await?;
        let character = character(task);
        self.work(task, character).await?;
        if character.is_multiple_of(FAILS) {
            return Err(TaskError::Fatal(anyhow::anyhow!("as it was drawn")));
        }
        if fastrand::u8(..) < STUMBLES {
            return Err(TaskError::Retry { after: None, error: anyhow::anyhow!("as it fell out") });
        }
        if !self.sources.is_empty() {
            self.ask(task, character).await?;
        }
        self.write(task, character).await
    }
}

impl FakeJob {
    async fn work(&self, task: &TaskContext, character: u64) -> Result<(), TaskError> {
        let (least, most) = self.spec.works;
        let working = sleep(Duration::from_millis(least + (character >> 8) % (most - least)));
        if character.is_multiple_of(DEAF) {
            working.await;
            return Ok(());
        }
        tokio::select! {
            () = working => Ok(()),
            () = task.run().cancel().cancelled() => Err(TaskError::Cancelled),
        }
    }

    async fn ask(&self, task: &TaskContext, character: u64) -> Result<(), TaskError> {
        let source = &self.sources[(character >> 16) as usize % self.sources.len()];
        let request = Request::get("ask").segment(task.key()).query("who", &self.name);
        let answer = source.ask(&request, task.run().cancel(), |raw| Ok(Answer::Data(raw.body.len()))).await;
        match answer {
            Ok(_) => Ok(()),
            Err(Refusal::Cancelled) => Err(TaskError::Cancelled),
            Err(refusal) => Err(TaskError::Retry { after: None, error: refusal.into() }),
        }
    }

    /// Two halves and a count that is not idempotent, in the one transaction that also ends the task.
    async fn write(&self, task: &TaskContext, character: u64) -> Result<Done, TaskError> {
        let transaction = task.begin().await?;
        self.trace(task, transaction.connection(), "INSERT INTO torture_write", Some(1)).await?;
        // Long enough that faults strike within a transaction now and then.
        sleep(Duration::from_millis((character >> 24) % 60)).await;
        let sql = "INSERT INTO torture_total (run, key, total) VALUES ($1, $2, 1) \
                   ON CONFLICT (run, key) DO UPDATE SET total = torture_total.total + 1";
        execute(transaction.connection(), sql, [task.run().id().as_str().into(), task.key().into()]).await?;
        self.trace(task, transaction.connection(), "INSERT INTO torture_write", Some(2)).await?;
        transaction.complete(TaskReport::default()).await
    }

    async fn trace(
        &self,
        task: &TaskContext,
        connection: &impl Connection,
        insert: &str,
        half: Option<i32>,
    ) -> Result<(), TaskError> {
        let fence = task.run().fence();
        let mut columns = "(run, key, fence, owner, who".to_owned();
        let mut values: Vec<sea_orm::Value> = vec![
            task.run().id().as_str().into(),
            task.key().into(),
            fence.number.into(),
            fence.owner.as_str().into(),
            self.name.as_str().into(),
        ];
        let places = match half {
            Some(half) => {
                columns.push_str(", half");
                values.push(half.into());
                "$1, $2, $3, $4, $5, $6"
            }
            None => "$1, $2, $3, $4, $5",
        };
        execute(connection, &format!("{insert} {columns}) VALUES ({places})"), values).await?;
        Ok(())
    }
}

/// The same for each attempt at a task, also by another daemon.
fn character(task: &TaskContext) -> u64 {
    let mut hasher = DefaultHasher::new();
    (task.run().id().as_str(), task.key()).hash(&mut hasher);
    hasher.finish()
}
