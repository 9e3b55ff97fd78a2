//! The job: a task for each company of the sample.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    ask::{Second, ask, comparable},
    sample::of_week,
    settle::settle,
    told::told,
};
use crate::{
    db::Database,
    jobs::{
        Done, Job, JobError, ParamProblem, Preview, RowCounts, RunContext, RunParams, TaskContext, TaskError,
        TaskReport,
    },
    stock::{
        bar::{Bar, BarBatch, Days},
        calendar::Calendar,
        company::Company,
        jobs::{CalendarsOfRuns, Candidate, stock::keys},
        overlap::stretches,
        settings::ReconcileSettings,
        sources::BarQuery,
        store::{bars, differences, series, series::Series},
    },
};

/// Compares stored bars with a second source's.
pub struct ReconcileJob {
    database: Database,
    /// In the order of preference.
    sources: Vec<Candidate>,
    settings: ReconcileSettings,
    calendars: Arc<CalendarsOfRuns>,
}

impl ReconcileJob {
    pub const NAME: &'static str = "reconcile";

    #[must_use]
    pub fn new(
        database: Database,
        sources: Vec<Candidate>,
        settings: ReconcileSettings,
        calendars: Arc<CalendarsOfRuns>,
    ) -> Self {
        Self { database, sources, settings, calendars }
    }
}

#[async_trait]
impl Job for ReconcileJob {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn description(&self) -> &'static str {
        "Compares the stored prices of a sample of companies with a second source, and reports where they differ"
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let mut problems = keys::unknown(self.database.connection(), &params.companies).await?;
        problems.extend(ParamProblem::of_days(params.from, params.to));
        Ok(problems)
    }

    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError> {
        let all = self.keys(run.params()).await?;
        if !run.params().companies.is_empty() {
            return Ok(all);
        }
        Ok(of_week(&all, self.settings.companies as usize, run.now()).to_vec())
    }

    /// Those named, else every company that is watched.
    async fn keys(&self, params: &RunParams) -> Result<Vec<String>, JobError> {
        let mut keys = keys::keys(self.database.connection(), params).await?;
        keys.sort();
        Ok(keys)
    }

    async fn preview(&self, keys: &[String], _: &RunParams, _: DateTime<Utc>) -> Result<Vec<Preview>, JobError> {
        let message = format!("compared with {}", names(&self.sources.iter().collect::<Vec<_>>()));
        Ok(keys.iter().map(|key| Preview { key: key.clone(), message: message.clone() }).collect())
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        let company = keys::company(self.database.connection(), task.key()).await?;
        let Some(market) = company.market() else {
            let error = anyhow::anyhow!("no calendar for the country {:?}", company.country_code);
            return Err(TaskError::Fatal(error));
        };
        let series = series::find(self.database.connection(), &company.company_id).await?;
        let calendars = self.calendars.of(task.run().id()).await?;
        let calendar = calendars.of(market);
        let newest_final = calendar.newest_final_session(task.run().now());
        let days = self.days(calendar, task.run().params(), &series, newest_final);
        let stored = bars::read(self.database.connection(), &company.company_id, days).await?;
        let (Some(basis), Some(first), Some(last)) = (series.basis, stored.first(), stored.last()) else {
            return says(task, format!("nothing is stored from {} to {}", days.from, days.to)).await;
        };
        // What is stored before and after is told by the coverage.
        let days = Days { from: first.date, to: last.date };
        let sources = comparable(&self.sources, market, &series, basis);
        if sources.is_empty() {
            return says(
                task,
                format!("no source to compare with adjusts for {:?} as the series does", basis.as_str()),
            )
            .await;
        }
        if task.run().params().dry_run {
            return says(task, format!("would compare {} to {} with {}", days.from, days.to, names(&sources))).await;
        }
        let (code, calendar) = (company.stock_code.clone(), calendar.clone());
        let query = BarQuery { code, calendar, days, newest_final };
        match ask(&sources, &query, task.run().cancel()).await? {
            Second::None(reasons) => says(task, format!("could not be compared: {reasons}")).await,
            Second::Bars(other) => {
                self.compared(task, &company, &series, (&query.calendar, days), &stored, &other).await
            }
        }
    }
}

impl ReconcileJob {
    /// The days asked for; by default the newest sessions up to the last that is stored.
    fn days(&self, calendar: &Calendar, params: &RunParams, series: &Series, newest_final: NaiveDate) -> Days {
        let newest = series.newest_date.unwrap_or(newest_final).min(newest_final);
        let to = params.to.map_or(newest, |to| to.min(newest_final));
        let back = self.settings.sessions as usize;
        let last = calendar.previous_session(to.succ_opt().unwrap_or(to));
        Days { from: params.from.unwrap_or_else(|| calendar.nth_session_before(last, back.saturating_sub(1))), to }
    }

    /// Finds the differences and keeps them, in the transaction that records the task.
    async fn compared(
        &self,
        task: &TaskContext,
        company: &Company,
        seen: &Series,
        (calendar, days): (&Calendar, Days),
        stored: &[Bar],
        other: &BarBatch,
    ) -> Result<Done, TaskError> {
        let compared = Days { from: days.from.max(other.vouched.from), to: days.to.min(other.vouched.to) };
        // A row that is wrong by itself is not a second opinion.
        let unusable = |day: &NaiveDate| other.rejected.iter().any(|row| row.date == Some(*day));
        let sessions: Vec<NaiveDate> = calendar.sessions(compared).filter(|day| !unusable(day)).collect();
        let found = stretches(&sessions, stored, &other.bars, self.settings.tolerance.part());
        let id = &company.company_id;
        let transaction = task.begin().await?;
        let connection = transaction.connection();
        if series::lock(connection, id).await?.version != seen.version {
            let error = anyhow::anyhow!("another run changed the company's bars meanwhile");
            return Err(TaskError::Retry { after: None, error });
        }
        let known = differences::open(connection, id, other.source).await?;
        let steps = settle(&known, &found, compared);
        differences::take(connection, (id, other.source, task.run().id()), &steps).await?;
        let message = told(&found, sessions.len(), other.source, &steps);
        if !found.is_empty() {
            tracing::warn!(stock_code = %company.stock_code, source = other.source, message, "prices differ");
        }
        let rows = RowCounts { fetched: other.bars.len() as u64, ..RowCounts::default() };
        let source = Some(other.source);
        transaction.complete(TaskReport { source, rows, message: Some(message) }).await
    }
}

async fn says(task: &TaskContext, message: String) -> Result<Done, TaskError> {
    task.complete(TaskReport { message: Some(message), ..TaskReport::default() }).await
}

fn names(candidates: &[&Candidate]) -> String {
    candidates.iter().map(|candidate| candidate.name.as_str()).collect::<Vec<_>>().join(", ")
}
