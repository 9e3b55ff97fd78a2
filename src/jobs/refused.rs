//! Why a run or a backfill that somebody asks for is not made.

use super::{
    backfill::{BackfillId, BackfillState},
    job::{JobError, ParamProblem},
    run::RunId,
};
use crate::{
    db::DbError,
    told::{Language, Tell, Told},
};

/// Why there is no such run.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    #[error("there is no job {0:?}")]
    UnknownJob(String),
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    #[error("parameters that cannot be: {}", list(.0))]
    Params(Vec<ParamProblem>),
    #[error("run {0} of the job is still active, and its overlap is \"skip\"")]
    Overlap(RunId),
    #[error("the idempotency key came before with another request")]
    KeyReused,
    #[error("run {0} has no failed tasks to repeat")]
    NothingToRetry(RunId),
    #[error("run {0} is not finished")]
    NotFinished(RunId),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error("database: {0}")]
    Database(#[from] DbError),
}

impl Tell for TriggerError {
    fn japanese(&self) -> String {
        match self {
            Self::UnknownJob(job) => format!("ジョブ {job:?} はありません"),
            Self::UnknownRun(id) => format!("実行 {id} はありません"),
            Self::Params(problems) => {
                format!("使えないパラメーターがあります。{}", list(problems).in_language(Language::Japanese))
            }
            Self::Overlap(id) => {
                format!(
                    "このジョブの実行 {id} がまだ終わっていません。終わってからもう一度お試しください（overlap は \"skip\" です）"
                )
            }
            Self::KeyReused => "この冪等キー（Idempotency-Key）は、別の内容のリクエストで使われています".to_owned(),
            Self::NothingToRetry(id) => format!("実行 {id} には、やり直す失敗したタスクがありません"),
            Self::NotFinished(id) => format!("実行 {id} はまだ終わっていません"),
            Self::Job(error) => error.japanese(),
            Self::Database(error) => format!("データベースのエラーです（{error}）"),
        }
    }
}

/// Why there is no such backfill.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    #[error("there is no job {0:?}")]
    UnknownJob(String),
    #[error("there is no backfill {0}")]
    Unknown(BackfillId),
    #[error("parameters that cannot be: {}", list(.0))]
    Params(Vec<ParamProblem>),
    #[error("the idempotency key came before with another request")]
    KeyReused,
    #[error("backfill {0} is {1}")]
    State(BackfillId, BackfillState),
    #[error("backfill {0} has no failed items to repeat")]
    NothingToRetry(BackfillId),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error("database: {0}")]
    Database(#[from] DbError),
}

impl Tell for BackfillError {
    fn japanese(&self) -> String {
        match self {
            Self::UnknownJob(job) => format!("ジョブ {job:?} はありません"),
            Self::Unknown(id) => format!("バックフィル {id} はありません"),
            Self::Params(problems) => {
                format!("使えないパラメーターがあります。{}", list(problems).in_language(Language::Japanese))
            }
            Self::KeyReused => "この冪等キー（Idempotency-Key）は、別の内容のリクエストで使われています".to_owned(),
            Self::State(id, state) => format!("バックフィル {id} の状態は {state} なので、この操作はできません"),
            Self::NothingToRetry(id) => format!("バックフィル {id} には、やり直す失敗した項目がありません"),
            Self::Job(error) => error.japanese(),
            Self::Database(error) => format!("データベースのエラーです（{error}）"),
        }
    }
}

/// Everything that is wrong with parameters, each named.
fn list(problems: &[ParamProblem]) -> Told {
    Told::joined(problems, |problem, language| format!("{}: {}", problem.param, problem.message.in_language(language)))
}
