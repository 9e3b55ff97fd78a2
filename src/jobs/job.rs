//! What can run: the trait of every job, and the errors that say what can be done about them.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    context::{Done, RunContext, TaskContext},
    run::{RowCounts, RunId, RunParams},
};
use crate::{
    db::{DbError, is_conflict, is_unavailable},
    told,
    told::{Language, Tell, Told},
};

/// A job plans its tasks and performs them one by one; the executor does the rest.
#[async_trait]
pub trait Job: Send + Sync {
    /// The name in configuration, tables, routes and metrics.
    fn name(&self) -> &'static str;

    /// One sentence for people.
    fn description(&self) -> &'static str;

    /// Whether its runs work on an input that the parameters name; then `check` judges it. By default they take none.
    fn takes_input(&self) -> bool {
        false
    }

    /// Says what is wrong with the parameters of a run before it is made.
    ///
    /// # Errors
    /// When the question itself cannot be answered.
    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError>;

    /// The keys of the run's tasks, in the order to work on them. Called once for each run.
    ///
    /// # Errors
    /// The run then fails, or is tried again when the database is away.
    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError>;

    /// The keys a run with these parameters would plan, in their order and as it would write them.
    ///
    /// # Errors
    /// When the question itself cannot be answered: by default unless the parameters name the keys.
    async fn keys(&self, params: &RunParams) -> Result<Vec<String>, JobError> {
        if params.companies.is_empty() {
            let name = self.name();
            return Err(JobError::Refused(told!(
                "the job {name:?} cannot say its keys: name them",
                "ジョブ {name:?} は対象を自分では決められません。companies で指定してください"
            )));
        }
        Ok(params.companies.clone())
    }

    /// What a run with these parameters would do about each of the keys, without those about which it would do
    /// nothing. Asks nobody outside. By default there is something to do about each.
    ///
    /// # Errors
    /// When the question itself cannot be answered.
    async fn preview(
        &self,
        keys: &[String],
        _params: &RunParams,
        _now: DateTime<Utc>,
    ) -> Result<Vec<Preview>, JobError> {
        Ok(keys.iter().map(|key| Preview { key: key.clone(), message: "to be done".to_owned() }).collect())
    }

    /// Where a person finds the rows that a run rejected and kept, as a path; by default they are not kept.
    ///
    /// # Errors
    /// What the database says.
    async fn rejected_at(&self, _run: &RunId) -> Result<Option<String>, DbError> {
        Ok(None)
    }

    /// Does one task. What it writes goes through [`TaskContext::begin`], and so does its success: there is no
    /// other way to a [`Done`].
    ///
    /// # Errors
    /// By what can be done about it.
    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError>;
}

/// A parameter of a run that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamProblem {
    /// The member's name in JSON: `companies`.
    pub param: &'static str,
    pub message: Told,
}

impl ParamProblem {
    /// When the first day lies after the last one.
    #[must_use]
    pub fn of_days(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Option<Self> {
        let (from, to) = (from?, to?);
        let message = || {
            told!("{from} is after to, {to}", "{from} は to の {to} より後です。from は to 以前の日付にしてください")
        };
        (from > to).then(|| Self { param: "from", message: message() })
    }
}

/// Everything wrong with the parameters of a run of a job.
///
/// # Errors
/// As [`Job::check`].
pub async fn problems(job: &dyn Job, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
    let mut problems = job.check(params).await?;
    if params.input.is_some() && !job.takes_input() {
        let name = job.name();
        let message = told!("the job {name:?} takes none", "ジョブ {name:?} は input を使いません。外してください");
        problems.push(ParamProblem { param: "input", message });
    }
    Ok(problems)
}

/// What a run would do about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    pub key: String,
    /// `2019-01-04 to 2019-12-30 from yahoo`
    pub message: String,
}

/// What a finished task reports.
#[derive(Clone, Debug, Default)]
pub struct TaskReport {
    pub source: Option<&'static str>,
    pub rows: RowCounts,
    /// Something worth reading beside the counts.
    pub message: Option<String>,
}

/// Why a job could not plan or check.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("{0}")]
    Refused(Told),
}

impl Tell for JobError {
    fn japanese(&self) -> String {
        match self {
            Self::Database(error) => format!("データベースのエラーです（{error}）"),
            Self::Refused(reason) => reason.in_language(Language::Japanese).to_owned(),
        }
    }
}

/// Why a task did not succeed, by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// May succeed later.
    #[error("{error}")]
    Retry {
        /// Not before; without it the job's backoff decides.
        after: Option<Duration>,
        #[source]
        error: anyhow::Error,
    },
    /// Trying again cannot help.
    #[error("{0}")]
    Fatal(#[source] anyhow::Error),
    /// The database is away: tried again until it is back, which counts as no attempt.
    #[error("database: {0}")]
    Unavailable(#[source] DbError),
    /// The run was stopped.
    #[error("cancelled")]
    Cancelled,
    /// The run belongs to another process now: nothing was written.
    #[error("the run was taken over by another process")]
    FenceLost,
}

impl From<DbError> for TaskError {
    /// A database that is away comes back, and a row written by somebody else is seen by the next attempt; any other
    /// database error is a fault of ours or of the data.
    fn from(error: DbError) -> Self {
        if is_unavailable(&error) {
            return Self::Unavailable(error);
        }
        let retry = is_conflict(&error);
        let error = anyhow::Error::new(error).context("database");
        if retry { Self::Retry { after: None, error } } else { Self::Fatal(error) }
    }
}
