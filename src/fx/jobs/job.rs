//! The `fx` job: one task, since one file has all currencies.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    fetch::{Fetched, fetch, late},
    load::{Loaded, load},
    need::{Wanted, need},
};
use crate::{
    db::Database,
    fx::{
        calendar::newest_published,
        checks::COMPARED_DAYS,
        ecb::{self, File, RateQuery, RateSource},
        rate::{Days, Rate},
        store::{rates, series, series::Series},
    },
    jobs::{
        Done, Job, JobError, Mode, ParamProblem, Preview, RowCounts, RunContext, RunParams, TaskContext, TaskError,
        TaskReport,
    },
    metrics::Metrics,
    told,
};

/// Rejected rates named in the task's message.
const NAMED: usize = 3;
/// Rejected rates and days without rates that the log tells one by one.
const TOLD: usize = 20;

/// What the job is made of.
pub struct FxJobParts {
    pub database: Database,
    /// None where it is disabled.
    pub source: Option<Arc<RateSource>>,
    pub metrics: Arc<Metrics>,
}

/// Fetches, checks and loads exchange rates.
pub struct FxJob(FxJobParts);

impl FxJob {
    pub const NAME: &'static str = "fx";
    /// Where its rates are kept.
    pub const TABLE: &'static str = "fx_rate";
    /// The key of its one task.
    const KEY: &'static str = ecb::NAME;

    #[must_use]
    pub fn new(parts: FxJobParts) -> Self {
        Self(parts)
    }
}

#[async_trait]
impl Job for FxJob {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn description(&self) -> &'static str {
        "Fetches, checks and loads the euro foreign exchange reference rates of the European Central Bank"
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let mut problems = Vec::new();
        for key in params.companies.iter().filter(|key| *key != Self::KEY) {
            let message = told!(
                "the job knows no company {key:?}; leave it out, all currencies come together",
                "このジョブに {key:?} という対象はありません。指定を外してください。すべての通貨をまとめて取得します"
            );
            problems.push(ParamProblem { param: "companies", message });
        }
        problems.extend(ParamProblem::of_days(params.from, params.to));
        Ok(problems)
    }

    async fn plan(&self, _: &RunContext) -> Result<Vec<String>, JobError> {
        Ok(vec![Self::KEY.to_owned()])
    }

    async fn keys(&self, _: &RunParams) -> Result<Vec<String>, JobError> {
        Ok(vec![Self::KEY.to_owned()])
    }

    async fn preview(&self, keys: &[String], params: &RunParams, now: DateTime<Utc>) -> Result<Vec<Preview>, JobError> {
        let series = series::find(self.0.database.connection(), ecb::NAME).await?;
        let Some(query) = need(series.covered, &wanted(params, now)) else { return Ok(Vec::new()) };
        Ok(keys.iter().map(|key| Preview { key: key.clone(), message: in_words(&query) }).collect())
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        let params = task.run().params();
        let wanted = wanted(params, task.run().now());
        let series = series::find(self.0.database.connection(), ecb::NAME).await?;
        let query = match need(series.covered, &wanted) {
            None => return report(task, "up to date".to_owned()).await,
            Some(query) if params.dry_run => return report(task, format!("would fetch {}", in_words(&query))).await,
            Some(query) => query,
        };
        let Some(source) = &self.0.source else {
            return Err(TaskError::Fatal(anyhow::anyhow!("the source ecb is disabled")));
        };
        let known = self.known(&query).await?;
        let fetched = fetch(source.as_ref(), query, wanted.newest, &known, task.run().cancel()).await?;
        self.loaded(task, &series, &fetched).await
    }
}

impl FxJob {
    /// The stored rates that those of a single day are compared with.
    async fn known(&self, query: &RateQuery) -> Result<Vec<Rate>, TaskError> {
        if query.file == File::History {
            return Ok(Vec::new());
        }
        let to = query.days.from.pred_opt().unwrap_or(query.days.from);
        let days = Days { from: to - TimeDelta::days(COMPARED_DAYS), to };
        Ok(rates::read_all(self.0.database.connection(), days).await?)
    }

    async fn loaded(&self, task: &TaskContext, series: &Series, fetched: &Fetched) -> Result<Done, TaskError> {
        for rejection in fetched.judged.rejected.iter().take(TOLD) {
            tracing::warn!(rejection = %rejection, "a rate was rejected");
        }
        let transaction = task.begin().await?;
        let loaded = load(transaction.connection(), task.run().id(), series, fetched).await?;
        for day in loaded.without.iter().take(TOLD) {
            tracing::warn!(%day, "the answer has no rates of a TARGET day");
        }
        if let Some(day) = fetched.overdue() {
            // What there is stays; the rest is asked for again.
            transaction.keep().await?;
            return Err(late(day));
        }
        let report = TaskReport { source: Some(ecb::NAME), rows: loaded.rows, message: message(fetched, &loaded) };
        let done = transaction.complete(report).await?;
        self.count(loaded.rows);
        Ok(done)
    }

    fn count(&self, rows: RowCounts) {
        for (outcome, count) in [
            ("inserted", rows.inserted),
            ("updated", rows.updated),
            ("unchanged", rows.unchanged),
            ("rejected", rows.rejected),
        ] {
            self.0.metrics.rows(Self::TABLE, outcome, count);
        }
    }
}

fn wanted(params: &RunParams, now: DateTime<Utc>) -> Wanted {
    Wanted { from: params.from, to: params.to, full: params.mode == Mode::Full, newest: newest_published(now) }
}

fn in_words(query: &RateQuery) -> String {
    format!("{} from ecb, {}", query.days, query.file.name())
}

async fn report(task: &TaskContext, message: String) -> Result<Done, TaskError> {
    task.complete(TaskReport { message: Some(message), ..TaskReport::default() }).await
}

/// What is worth reading beside the counts.
fn message(fetched: &Fetched, loaded: &Loaded) -> Option<String> {
    let mut parts = Vec::new();
    if loaded.rows.updated > 0 {
        parts.push(format!("{} stored rates corrected", loaded.rows.updated));
    }
    let rejected = &fetched.judged.rejected;
    if !rejected.is_empty() {
        let named: Vec<String> = rejected.iter().take(NAMED).map(ToString::to_string).collect();
        let more = if rejected.len() > NAMED { ", …" } else { "" };
        parts.push(format!("{} rates rejected: {}{more}", rejected.len(), named.join(", ")));
    }
    match loaded.without[..] {
        [] => {}
        [first, ..] => parts.push(format!("{} TARGET days without rates, the first {first}", loaded.without.len())),
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
