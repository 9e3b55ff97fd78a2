//! The `company` job: a task for each list, of which there is one.

use std::sync::Arc;

use anyhow::anyhow;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    crawl::{Answer, task_error},
    db::Database,
    jobs::{
        Done, Job, JobError, ParamProblem, Preview, RowCounts, RunContext, RunParams, TaskContext, TaskError,
        TaskReport,
    },
    metrics::Metrics,
    stock::{
        calendar::Market,
        issues::{Applied, ApplyError, Applying, apply},
        jobs::ExchangeCalendar,
        listing::IssueList,
        sources::{ListQuery, ListSource},
        store::market_days,
    },
    told,
};

/// The market whose list there is; its country is the task's key.
const MARKET: Market = Market::Tokyo;

/// What the job is made of.
pub struct CompanyJobParts {
    pub database: Database,
    pub source: Arc<ListSource>,
    pub exchange: ExchangeCalendar,
    pub metrics: Arc<Metrics>,
}

/// Brings names, market segments and listings of the companies up to date, and with them the exchange's calendar. It
/// adds no company: which ones are watched is somebody's choice.
pub struct CompanyJob(CompanyJobParts);

impl CompanyJob {
    pub const NAME: &'static str = "company";

    #[must_use]
    pub fn new(parts: CompanyJobParts) -> Self {
        Self(parts)
    }
}

#[async_trait]
impl Job for CompanyJob {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn description(&self) -> &'static str {
        "Brings names, market segments and listings of the companies up to date with the exchange's list of issues"
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let mut problems = Vec::new();
        for key in params.companies.iter().filter(|key| *key != MARKET.country()) {
            let country = MARKET.country();
            let message = told!(
                "there is no list {key:?}; there is {country}",
                "{key:?} という銘柄一覧はありません。使えるのは {country} です"
            );
            problems.push(ParamProblem { param: "companies", message });
        }
        for (param, day) in [("from", params.from), ("to", params.to)] {
            if day.is_some() {
                let message = told!(
                    "the newest list is asked for, whatever the day",
                    "日付は指定できません。いつも最新の銘柄一覧を取得します"
                );
                problems.push(ParamProblem { param, message });
            }
        }
        Ok(problems)
    }

    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError> {
        self.keys(run.params()).await
    }

    async fn keys(&self, _params: &RunParams) -> Result<Vec<String>, JobError> {
        Ok(vec![MARKET.country().to_owned()])
    }

    async fn preview(
        &self,
        keys: &[String],
        _params: &RunParams,
        _now: DateTime<Utc>,
    ) -> Result<Vec<Preview>, JobError> {
        Ok(keys.iter().map(|key| Preview { key: key.clone(), message: self.intention() }).collect())
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        if task.run().params().dry_run {
            return task.complete(self.report(Some(self.intention()), RowCounts::default())).await;
        }
        match self.0.source.fetch(&ListQuery { day: None }, task.run().cancel()).await {
            Ok(Answer::Data(list)) => self.applied(task, &list).await,
            Ok(Answer::NoNewData | Answer::NotTradingDay) => {
                let message = Some(format!("{} has no list", self.0.source.name()));
                task.complete(self.report(message, RowCounts::default())).await
            }
            Ok(Answer::UnknownSymbol | Answer::Delisted) => {
                Err(TaskError::Fatal(anyhow!("{} knows no list of issues", self.0.source.name())))
            }
            Err(refusal) => Err(task_error(self.0.source.name(), &refusal)),
        }
    }
}

impl CompanyJob {
    fn intention(&self) -> String {
        format!("would ask {} for its list of issues", self.0.source.name())
    }

    fn report(&self, message: Option<String>, rows: RowCounts) -> TaskReport {
        TaskReport { source: Some(self.0.source.name()), rows, message }
    }

    async fn applied(&self, task: &TaskContext, list: &IssueList) -> Result<Done, TaskError> {
        let today = task.run().now().with_timezone(&MARKET.zone()).date_naive();
        let announced = self.announced(task).await?;
        let transaction = task.begin().await?;
        let calendars = market_days::calendars(transaction.connection()).await?;
        let applying =
            Applying { calendar: calendars.of(MARKET), list, only_known: true, force: false, today, actor: None };
        let (applied, message) = match apply(transaction.connection(), &applying).await {
            Ok(applied) => (applied, applied.changes()),
            // Somebody has imported a newer one: a plan with a delay, perhaps. There is nothing to put right.
            Err(older @ ApplyError::Older { .. }) => (Applied::default(), older.to_string()),
            Err(ApplyError::Database(error)) => return Err(error.into()),
            Err(refused) => return Err(TaskError::Fatal(anyhow!("{}: {refused}", list.source))),
        };
        let rows = rows(list, &applied);
        let parts = std::iter::once(told(list.as_of, &message)).chain(announced);
        let message = parts.collect::<Vec<_>>().join("; ");
        let done = transaction.complete(self.report(Some(message), rows)).await?;
        self.0.metrics.rows("company", "updated", rows.updated);
        self.0.metrics.rows("company", "unchanged", rows.unchanged);
        Ok(done)
    }

    /// Asks for the exchange's calendar, unless that was done within a day, and gives what is to be told of it. It is
    /// kept whatever becomes of the list, and the list counts whatever becomes of it.
    async fn announced(&self, task: &TaskContext) -> Result<Option<String>, TaskError> {
        let Some(heard) = self.0.exchange.ask(task.run().now(), task.run().cancel()).await? else { return Ok(None) };
        let transaction = task.begin().await?;
        let told = heard.keep(transaction.connection()).await?;
        transaction.keep().await?;
        Ok(told)
    }
}

fn told(as_of: NaiveDate, changes: &str) -> String {
    if changes.is_empty() { format!("list of {as_of}: nothing new") } else { format!("list of {as_of}: {changes}") }
}

fn rows(list: &IssueList, applied: &Applied) -> RowCounts {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    RowCounts {
        fetched: count(list.issues.len()),
        inserted: count(applied.inserted),
        updated: count(applied.updated),
        unchanged: count(applied.unchanged),
        rejected: 0,
    }
}
