//! The `stock` job: a task for each company.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    fetch::{Candidate, Fetched, fetch},
    keys,
    message::{message, quarantined},
    need::{Wanted, need},
};
use crate::{
    db::Database,
    jobs::{
        Done, Job, JobError, Mode, ParamProblem, Preview, RunContext, RunId, RunParams, TaskContext, TaskError,
        TaskReport,
    },
    metrics::Metrics,
    stock::{
        bar::{Bar, Days, StockCode},
        calendar::{Delays, Market},
        company::{Company, CompanyStatus},
        indicators::spec,
        jobs::counts::count,
        loading::{Change, Outcome, Stored, Target, is_fresh, keep_rejected, load, rederive},
        settings::StockJobSettings,
        sources::BarQuery,
        store::{bars, companies, indicators, series, series::Series},
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
    pub metrics: Arc<Metrics>,
}

/// Fetches, checks, loads and derives daily stock prices.
pub struct StockJob(StockJobParts);

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
        if let (Some(from), Some(to)) = (params.from, params.to)
            && from > to
        {
            problems.push(ParamProblem { param: "from", message: format!("{from} is after to, {to}") });
        }
        Ok(problems)
    }

    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError> {
        let connection = self.0.database.connection();
        // Also tells the view which moving averages there are, before the first of them is stored.
        indicators::keep(connection, &spec(&self.0.settings.ma_spans)).await?;
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
        let wanted = |market| self.wanted(params, self.0.delays.newest_session(market, now));
        let sources = |market| self.source_names(market);
        Ok(keys::previews(self.0.database.connection(), codes, wanted, sources).await?)
    }

    fn rejected_at(&self, run: &RunId) -> Option<String> {
        Some(format!("/quarantine?run={run}"))
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        let company = self.company(task.key()).await?;
        let Some(market) = company.market() else {
            let error = anyhow::anyhow!("no calendar for the country {:?}", company.country_code);
            return Err(TaskError::Fatal(error));
        };
        let now = task.run().now();
        let connection = self.0.database.connection();
        let positions = indicators::keep(connection, &spec(&self.0.settings.ma_spans)).await?;
        let series = series::find(connection, &company.company_id).await?;
        let wanted = self.wanted(task.run().params(), self.0.delays.newest_session(market, now));
        let target = Target { company: &company, market, run: task.run().id(), positions: &positions, now };
        match need(&company, market, &series, &wanted) {
            None => self.nothing_to_fetch(task, &target, &series).await,
            Some(days) if task.run().params().dry_run => {
                let message = format!("would fetch {} to {} from {}", days.from, days.to, self.source_names(market));
                task.complete(TaskReport { message: Some(message), ..TaskReport::default() }).await
            }
            Some(days) => {
                let query =
                    BarQuery { code: company.stock_code.clone(), market, days, newest_final: wanted.newest_final };
                let fetched = self.fetched(task, &target, &series, query).await?;
                self.loaded(task, &target, &series, &fetched).await
            }
        }
    }
}

impl StockJob {
    async fn company(&self, code: &str) -> Result<Company, TaskError> {
        let gone = || TaskError::Fatal(anyhow::anyhow!("there is no company with the stock code {code:?} any more"));
        let code = StockCode::parse(code).map_err(|e| TaskError::Fatal(e.into()))?;
        companies::find_by_code(self.0.database.connection(), &code).await?.ok_or_else(gone)
    }

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

    async fn nothing_to_fetch(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        series: &Series,
    ) -> Result<Done, TaskError> {
        let stale = series.covered.is_some() && series.indicator_spec != target.positions.spec();
        if !stale || task.run().params().dry_run {
            let message = Some("up to date".to_owned());
            return task.complete(TaskReport { message, ..TaskReport::default() }).await;
        }
        let transaction = task.begin().await?;
        let rows = rederive(transaction.connection(), target, series).await?;
        let message = format!("up to date; moving averages of {rows} sessions computed anew");
        transaction.complete(TaskReport { message: Some(message), ..TaskReport::default() }).await
    }

    /// Asks the sources; once more for the whole history when the first answer shows that it was rebased.
    async fn fetched(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        series: &Series,
        mut query: BarQuery,
    ) -> Result<Fetched, TaskError> {
        let mut fetched = self.ask(task, target, series, &query, &self.0.sources).await?;
        let Some(Outcome::Bars(answer)) = &fetched.outcome else { return Ok(fetched) };
        let (Change::Rebased { ratio }, Some(covered)) = (&answer.change, series.covered) else { return Ok(fetched) };
        let source = answer.source;
        tracing::info!(ratio, source, "the history seems to be rebased and is fetched anew");
        let whole = Days { from: covered.from.min(query.days.from), to: covered.to.max(query.days.to) };
        let only: Vec<Candidate> = self.0.sources.iter().filter(|c| c.name.as_str() == source).cloned().collect();
        query.days = whole;
        let mut again = self.ask(task, target, series, &query, &only).await?;
        again.rejected.append(&mut fetched.rejected);
        match &mut again.outcome {
            Some(Outcome::Bars(answer)) => {
                // The whole history has the last word: it may show a few wrong bars where the overlap showed a ratio.
                if let Change::Rebased { ratio } = answer.change {
                    // All of it: a bar that somebody accepted may lie outside of what a source has answered for.
                    let stored = self.stored(target, Days::EVER).await?;
                    answer.bars = answer.bars.clone().rebased(&stored, ratio);
                    answer.agreeing = 0;
                }
                Ok(again)
            }
            // Half a rebased history is worse than an old one.
            Some(Outcome::Nothing { .. } | Outcome::GivenUp { .. }) => {
                let error = anyhow::anyhow!("{source} did not give the history again that it rebased");
                Err(TaskError::Retry { after: None, error })
            }
            None => Err(self.refused(task, target, &again).await?),
        }
    }

    /// Keeps what was rejected although nothing is loaded, and says why nothing is.
    async fn refused(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        fetched: &Fetched,
    ) -> Result<TaskError, TaskError> {
        let transaction = task.begin().await?;
        keep_rejected(transaction.connection(), target, &fetched.rejected).await?;
        transaction.keep().await?;
        let count = fetched.rejected.iter().map(|rejected| rejected.rows.len() as u64).sum();
        self.0.metrics.rows("stockprice", "rejected", count);
        Ok(fetched.error((count > 0).then(|| quarantined(count, &target.company.stock_code))))
    }

    async fn ask(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        series: &Series,
        query: &BarQuery,
        sources: &[Candidate],
    ) -> Result<Fetched, TaskError> {
        let stored = self.stored(target, query.days).await?;
        let connection = self.0.database.connection();
        // Where stored sessions are read again, they tell a rebased history from a wrong row better than one close can.
        let previous_close = if stored.is_empty() {
            bars::last_close_before(connection, &target.company.company_id, query.days.from).await?
        } else {
            None
        };
        let fresh = is_fresh(target.market, query.days.to, target.now).then_some(query.days.to);
        let stored = Stored { series, bars: &stored, previous_close };
        fetch(sources, query, &stored, fresh, task.run().cancel()).await
    }

    async fn stored(&self, target: &Target<'_>, days: Days) -> Result<Vec<Bar>, TaskError> {
        Ok(bars::read(self.0.database.connection(), &target.company.company_id, days).await?)
    }

    async fn loaded(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        series: &Series,
        fetched: &Fetched,
    ) -> Result<Done, TaskError> {
        // Nobody need be woken by a company that is gone and that no source will ever serve.
        let given_up = fetched.is_hopeless() && target.company.status == CompanyStatus::Delisted;
        let outcome = match &fetched.outcome {
            Some(outcome) => outcome,
            None if given_up => &Outcome::GivenUp { asked: fetched.asked },
            None => return Err(self.refused(task, target, fetched).await?),
        };
        let transaction = task.begin().await?;
        let loaded = load(transaction.connection(), target, series, outcome, &fetched.rejected).await?;
        let source = match outcome {
            Outcome::Bars(answer) => Some(answer.source),
            Outcome::Nothing { source, .. } => Some(*source),
            Outcome::GivenUp { .. } => None,
        };
        let message = message(&target.company.stock_code, fetched, outcome, &loaded);
        let done = transaction.complete(TaskReport { source, rows: loaded.rows, message }).await?;
        count(&self.0.metrics, &loaded);
        Ok(done)
    }

    fn source_names(&self, market: Market) -> String {
        let serving = self.0.sources.iter().filter(|candidate| candidate.name.serves(market));
        serving.map(|candidate| candidate.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}
