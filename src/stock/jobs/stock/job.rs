//! The `stock` job: a task for each company.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    fetch::Candidate,
    keys,
    need::{Wanted, need, whole_history, why_nothing},
    previews::gap_previews,
};
use crate::{
    db::{Database, DbError},
    jobs::{
        Done, Job, JobError, Mode, ParamProblem, Preview, RunContext, RunId, RunParams, TaskContext, TaskError,
        TaskReport,
    },
    metrics::Metrics,
    stock::{
        bar::Days,
        calendar::{Calendar, Delays, Market},
        indicators::spec,
        jobs::{CalendarsOfRuns, ExchangeCalendar},
        loading::{Target, rederive},
        settings::StockJobSettings,
        sources::BarQuery,
        store::{indicators, market_days, quarantine, series, series::Series},
    },
};

/// What the job is made of.
pub struct StockJobParts {
    pub database: Database,
    /// In the order of preference.
    pub sources: Vec<Candidate>,
    pub settings: StockJobSettings,
    /// Of markets whose newest days none of the sources gives.
    pub delays: Delays,
    pub calendars: Arc<CalendarsOfRuns>,
    /// Who knows of changes to them, where anybody does.
    pub exchange: Option<ExchangeCalendar>,
    pub metrics: Arc<Metrics>,
}

/// Fetches, checks, loads and derives daily stock prices.
pub struct StockJob(pub(super) StockJobParts);

impl StockJob {
    pub const NAME: &'static str = "stock";

    #[must_use]
    pub fn new(parts: StockJobParts) -> Self {
        Self(parts)
    }
}

#[async_trait]
impl Job for StockJob {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn description(&self) -> &'static str {
        "Fetches, checks and loads the daily prices of every company, and derives their moving averages"
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let mut problems = keys::unknown(self.0.database.connection(), &params.companies).await?;
        problems.extend(ParamProblem::of_days(params.from, params.to));
        Ok(problems)
    }

    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError> {
        let connection = self.0.database.connection();
        // Also tells the view which moving averages there are, before the first of them is stored.
        indicators::keep(connection, &spec(&self.0.settings.ma_spans)).await?;
        if let Some(exchange) = self.0.exchange.as_ref().filter(|_| !run.params().dry_run) {
            exchange.refresh(run.now(), run.cancel()).await?;
        }
        Ok(keys::keys(connection, run.params()).await?)
    }

    async fn keys(&self, params: &RunParams) -> Result<Vec<String>, JobError> {
        Ok(keys::keys(self.0.database.connection(), params).await?)
    }

    async fn preview(
        &self,
        codes: &[String],
        params: &RunParams,
        now: DateTime<Utc>,
    ) -> Result<Vec<Preview>, JobError> {
        let connection = self.0.database.connection();
        let calendars = market_days::calendars(connection).await?;
        let wanted = |calendar: &Calendar| self.wanted(params, self.0.delays.newest_session(calendar, now));
        let sources = |calendar: &Calendar| self.source_names(calendar.market());
        if params.mode == Mode::Missing {
            return Ok(gap_previews(connection, codes, &calendars, wanted, sources).await?);
        }
        Ok(keys::previews(connection, codes, &calendars, wanted, sources).await?)
    }

    async fn rejected_at(&self, run: &RunId) -> Result<Option<String>, DbError> {
        let kept = quarantine::is_any_of(self.0.database.connection(), run).await?;
        Ok(kept.then(|| format!("/quarantine?run={run}")))
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        let company = keys::company(self.0.database.connection(), task.key()).await?;
        let Some(market) = company.market() else {
            let error = anyhow::anyhow!("no calendar for the country {:?}", company.country_code);
            return Err(TaskError::Fatal(error));
        };
        let calendars = self.0.calendars.of(task.run().id()).await?;
        let (calendar, now) = (calendars.of(market), task.run().now());
        let connection = self.0.database.connection();
        let positions = indicators::keep(connection, &spec(&self.0.settings.ma_spans)).await?;
        let series = series::find(connection, &company.company_id).await?;
        let wanted = self.wanted(task.run().params(), self.0.delays.newest_session(calendar, now));
        let target = Target { company: &company, calendar, run: task.run().id(), positions: &positions, now };
        let unsettled = series.is_unsettled() && (series.covered.is_none() || wanted.full);
        if task.run().params().mode == Mode::Missing && !unsettled {
            return self.fill(task, &target, &series, &wanted).await;
        }
        let days = if unsettled {
            let dates = self.dates(&company.company_id, Days::EVER).await?;
            dates.first().and_then(|first| whole_history(&company, calendar, &series, *first, &wanted))
        } else {
            need(&company, calendar, &series, &wanted)
        };
        match days {
            None => self.nothing_to_fetch(task, &target, &series, &wanted).await,
            Some(days) if task.run().params().dry_run => {
                let message = format!("would fetch {} to {} from {}", days.from, days.to, self.source_names(market));
                task.complete(TaskReport { message: Some(message), ..TaskReport::default() }).await
            }
            Some(days) => {
                let (code, calendar) = (company.stock_code.clone(), calendar.clone());
                let query = BarQuery { code, calendar, days, newest_final: wanted.newest_final };
                let fetched = self.fetched(task, &target, &series, query, None).await?;
                let (transaction, written) = self.written(task, &target, &series, &fetched).await?;
                let report = TaskReport { source: written.source, rows: written.loaded.rows, message: written.message };
                let done = transaction.complete(report).await?;
                self.count(&written.loaded);
                Ok(done)
            }
        }
    }
}

impl StockJob {
    fn wanted(&self, params: &RunParams, newest_final: NaiveDate) -> Wanted {
        Wanted {
            from: params.from,
            to: params.to,
            full: params.mode == Mode::Full,
            history_from: self.0.settings.history_from,
            overlap_sessions: self.0.settings.overlap_sessions as usize,
            newest_final,
        }
    }

    pub(super) async fn nothing_to_fetch(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        series: &Series,
        wanted: &Wanted,
    ) -> Result<Done, TaskError> {
        let why = why_nothing(target.company, target.calendar, series, wanted);
        let stale = series.covered.is_some() && series.indicator_spec != target.positions.spec();
        if !stale || task.run().params().dry_run {
            return task.complete(TaskReport { message: Some(why), ..TaskReport::default() }).await;
        }
        let transaction = task.begin().await?;
        let rows = rederive(transaction.connection(), target, series).await?;
        let message = format!("{why}; moving averages of {rows} sessions computed anew");
        transaction.complete(TaskReport { message: Some(message), ..TaskReport::default() }).await
    }

    pub(super) fn source_names(&self, market: Market) -> String {
        let serving = self.0.sources.iter().filter(|candidate| candidate.name.serves(market));
        serving.map(|candidate| candidate.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}
