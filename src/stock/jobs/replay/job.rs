//! The `replay` job: a task for each company of which something is archived.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::{
    apply::apply,
    read::{Reading, read},
};
use crate::{
    crawl::{
        Recording,
        store::answers::{self, FetchFilter},
    },
    db::Database,
    jobs::{Done, Job, JobError, ParamProblem, RunContext, RunParams, TaskContext, TaskError, TaskReport},
    metrics::Metrics,
    stock::{
        calendar::Calendar,
        company::Company,
        indicators::spec,
        jobs::{CalendarsOfRuns, counts::count, stock::keys},
        loading::Target,
        sources::{BarSource, SourceName},
        store::{companies, indicators},
    },
    told,
};

/// Makes a source that is answered from one archived fetch; none for one that cannot be made.
type Over = dyn Fn(Recording) -> Option<Arc<BarSource>> + Send + Sync;

/// A source whose archived answers can be read again.
#[derive(Clone)]
pub struct Replayed {
    pub name: SourceName,
    pub over: Arc<Over>,
}

/// What the job is made of.
pub struct ReplayJobParts {
    pub database: Database,
    pub sources: Vec<Replayed>,
    /// The spans of the moving averages, in sessions.
    pub ma_spans: Vec<u16>,
    pub calendars: Arc<CalendarsOfRuns>,
    pub metrics: Arc<Metrics>,
}

/// Reads archived answers again; the input of a run is the name of the source.
pub struct ReplayJob(ReplayJobParts);

impl ReplayJob {
    pub const NAME: &'static str = "replay";

    #[must_use]
    pub fn new(parts: ReplayJobParts) -> Self {
        Self(parts)
    }

    fn source(&self, params: &RunParams) -> Option<&Replayed> {
        let name = params.input.as_deref()?;
        self.0.sources.iter().find(|source| source.name.as_str() == name)
    }

    async fn readings(
        &self,
        task: &TaskContext,
        source: &Replayed,
        company: &Company,
        calendar: &Calendar,
    ) -> Result<Vec<Reading>, TaskError> {
        let (database, cancel) = (&self.0.database, task.run().cancel());
        let filter = filter(source, task.run().params());
        let fetches = answers::fetches(database.connection(), &filter, company.stock_code.as_str()).await?;
        let mut readings = Vec::new();
        for fetch in &fetches {
            readings.extend(read(database, source, (company, calendar), fetch, cancel).await?);
        }
        Ok(readings)
    }
}

#[async_trait]
impl Job for ReplayJob {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn description(&self) -> &'static str {
        "Reads the archived answers of a source again, and loads what its parser makes of them now; asks nobody"
    }

    fn takes_input(&self) -> bool {
        true
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let mut problems = keys::unknown(self.0.database.connection(), &params.companies).await?;
        if self.source(params).is_none() {
            let names: Vec<&str> = self.0.sources.iter().map(|source| source.name.as_str()).collect();
            let names = names.join(", ");
            let message = told!(
                "name the source whose answers to read again: one of {names}",
                "どのデータソースの応答を読み直すか指定してください。使えるのは {names} です"
            );
            problems.push(ParamProblem { param: "input", message });
        }
        problems.extend(ParamProblem::of_days(params.from, params.to));
        Ok(problems)
    }

    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError> {
        let connection = self.0.database.connection();
        indicators::keep(connection, &spec(&self.0.ma_spans)).await?;
        self.keys(run.params()).await
    }

    /// The companies asked for, else those of which something is archived.
    async fn keys(&self, params: &RunParams) -> Result<Vec<String>, JobError> {
        let Some(source) = self.source(params) else { return Ok(Vec::new()) };
        let connection = self.0.database.connection();
        if !params.companies.is_empty() {
            let mut codes: Vec<String> = params.companies.iter().map(|code| code.to_uppercase()).collect();
            codes.sort();
            codes.dedup();
            return Ok(codes);
        }
        let known = companies::list(connection).await?;
        let known: HashSet<String> = known.into_iter().map(|company| company.stock_code.to_string()).collect();
        let mut codes = answers::keys(connection, &filter(source, params)).await?;
        codes.retain(|code| known.contains(code));
        Ok(codes)
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        let params = task.run().params();
        let Some(source) = self.source(params) else {
            return Err(TaskError::Fatal(anyhow::anyhow!("there is no source {:?} any more", params.input)));
        };
        let company = keys::company(self.0.database.connection(), task.key()).await?;
        let calendars = self.0.calendars.of(task.run().id()).await?;
        let Some(calendar) = company.market().map(|market| calendars.of(market)) else { return nothing(task).await };
        let readings = self.readings(task, source, &company, calendar).await?;
        if readings.is_empty() {
            return nothing(task).await;
        }
        let name = source.name.as_str();
        let positions = indicators::keep(self.0.database.connection(), &spec(&self.0.ma_spans)).await?;
        let (run, now) = (task.run().id(), task.run().now());
        let target = Target { company: &company, calendar, run, positions: &positions, now };
        let transaction = task.begin().await?;
        let tally = apply(transaction.connection(), &target, source.name, readings).await?;
        let report = TaskReport { source: Some(name), rows: tally.rows, message: Some(tally.message()) };
        if params.dry_run {
            // What would be written was written, and is undone.
            drop(transaction);
            let message = report.message.map(|message| format!("would be: {message}"));
            return task.complete(TaskReport { message, ..TaskReport::default() }).await;
        }
        let done = transaction.complete(report).await?;
        count(&self.0.metrics, tally.rows, tally.indicator_rows);
        Ok(done)
    }
}

async fn nothing(task: &TaskContext) -> Result<Done, TaskError> {
    task.complete(TaskReport { message: Some("nothing is archived".to_owned()), ..TaskReport::default() }).await
}

/// The answers of the days the run names, by UTC.
fn filter(source: &Replayed, params: &RunParams) -> FetchFilter<'static> {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    FetchFilter {
        source: source.name.as_str(),
        since: params.from.map_or(DateTime::<Utc>::UNIX_EPOCH, midnight),
        until: params.to.and_then(|day| day.succ_opt()).map_or_else(far, midnight),
    }
}

/// Later than any answer, and still an instant that both databases know.
fn far() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(9999, 1, 1)
        .map_or(DateTime::<Utc>::UNIX_EPOCH, |day| day.and_time(NaiveTime::MIN).and_utc())
}
