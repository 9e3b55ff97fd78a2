//! The job: a run for each file, a task for each of its companies.

use std::sync::Arc;

use anyhow::anyhow;
use async_trait::async_trait;

use super::{
    report,
    rules::{Held, Offered, judged},
};
use crate::{
    db::Database,
    jobs::{
        Done, Job, JobError, Mode, ParamProblem, RowCounts, RunContext, RunParams, TaskContext, TaskError, TaskReport,
    },
    metrics::Metrics,
    stock::{
        bar::{Bar, Days, StockCode},
        company::Company,
        imports::{FileRows, JOB},
        indicators::spec,
        jobs::{CalendarsOfRuns, counts::count, rejected::rejected},
        loading::{Fitted, Outcome, Rejected, Target, keep_rejected, load},
        sources::files::Layout,
        store::{
            bars, companies,
            imports::{self, ImportFile},
            indicators, series,
        },
    },
    told,
    told::Told,
};

/// What the job is made of.
pub struct ImportJobParts {
    pub database: Database,
    /// The spans of the moving averages, as the job `stock` has them.
    pub ma_spans: Vec<u16>,
    pub calendars: Arc<CalendarsOfRuns>,
    pub metrics: Arc<Metrics>,
}

/// Loads the rows of a file.
pub struct ImportJob(ImportJobParts);

impl ImportJob {
    pub const NAME: &'static str = JOB;

    #[must_use]
    pub fn new(parts: ImportJobParts) -> Self {
        Self(parts)
    }
}

#[async_trait]
impl Job for ImportJob {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn description(&self) -> &'static str {
        "Checks and loads the daily prices of a file that somebody gave, and derives their moving averages"
    }

    fn takes_input(&self) -> bool {
        true
    }

    async fn check(&self, params: &RunParams) -> Result<Vec<ParamProblem>, JobError> {
        let mut problems = Vec::new();
        let mut wrong = |param, message: Told| problems.push(ParamProblem { param, message });
        if params.from.is_some() || params.to.is_some() {
            let param = if params.from.is_some() { "from" } else { "to" };
            wrong(param, told!("an import loads its whole file", "期間は指定できません。ファイル全体を取り込みます"));
        }
        if params.mode != Mode::Incremental {
            let message = told!(
                "an import loads what its file has; there is nothing to fetch in full",
                "mode は指定できません。ファイルにある内容だけを取り込みます"
            );
            wrong("mode", message);
        }
        match &params.input {
            None => wrong(
                "input",
                told!(
                    "name a file that was uploaded: POST /imports gives its run",
                    "アップロードしたファイルを指定してください。POST /imports で送ると、その実行が作られます"
                ),
            ),
            Some(id) if imports::find(self.0.database.connection(), id).await?.is_none() => {
                let message = told!(
                    "there is no import {id:?}, or it is no longer kept",
                    "取り込み {id:?} は、ないか、もう保存されていません"
                );
                wrong("input", message);
            }
            Some(id) => {
                let codes = imports::codes(self.0.database.connection(), id).await?;
                if codes.is_empty() {
                    let message = told!("all of its rows were loaded before", "すべての行がすでに取り込まれています");
                    wrong("input", message);
                }
                for code in params.companies.iter().filter(|code| !codes.contains(&code.to_uppercase())) {
                    let message = told!(
                        "the file has no rows of {code:?} that are still to load",
                        "このファイルには、これから取り込む {code:?} の行がありません"
                    );
                    wrong("companies", message);
                }
            }
        }
        Ok(problems)
    }

    async fn plan(&self, run: &RunContext) -> Result<Vec<String>, JobError> {
        // Also tells the view which moving averages there are, before the first of them is stored.
        indicators::keep(self.0.database.connection(), &spec(&self.0.ma_spans)).await?;
        self.keys(run.params()).await
    }

    async fn keys(&self, params: &RunParams) -> Result<Vec<String>, JobError> {
        let Some(id) = &params.input else {
            return Err(JobError::Refused(told!("no file is named", "ファイルが指定されていません")));
        };
        let mut codes = imports::codes(self.0.database.connection(), id).await?;
        if !params.companies.is_empty() {
            codes.retain(|code| params.companies.iter().any(|wanted| wanted.eq_ignore_ascii_case(code)));
        }
        if codes.is_empty() {
            return Err(JobError::Refused(told!(
                "nothing of the import {id} is left to load",
                "取り込み {id} には、これから取り込む行が残っていません"
            )));
        }
        Ok(codes)
    }

    async fn perform(&self, task: &TaskContext) -> Result<Done, TaskError> {
        let file = self.file(task).await?;
        let (offered, company) = self.offered(task, &file).await?;
        let Some(market) = company.market() else {
            return Err(TaskError::Fatal(anyhow!("no calendar for the country {:?}", company.country_code)));
        };
        let calendars = self.0.calendars.of(task.run().id()).await?;
        let (calendar, now) = (calendars.of(market), task.run().now());
        let connection = self.0.database.connection();
        let positions = indicators::keep(connection, &spec(&self.0.ma_spans)).await?;
        let series = series::find(connection, &company.company_id).await?;
        let stored = self.stored(&company).await?;
        let held = Held { series: &series, bars: &stored };
        let target = Target { company: &company, calendar, run: task.run().id(), positions: &positions, now };
        let newest_final = calendar.newest_final_session(now);
        // Thousands of rows: tens of milliseconds at most.
        let judged = judged(offered, &held, calendar, newest_final);
        let work = Work { task, target: &target, held: &held, file: &file, rejected: judged.rejected };
        match judged.fitted {
            Err(reason) => work.refused(reason).await,
            Ok(fitted) if task.run().params().dry_run => work.reported(&fitted).await,
            Ok(fitted) if fitted.fetched == 0 => work.nothing().await,
            Ok(fitted) => work.loaded(fitted, &self.0.metrics).await,
        }
    }
}

impl ImportJob {
    async fn file(&self, task: &TaskContext) -> Result<ImportFile, TaskError> {
        let Some(id) = &task.run().params().input else { return Err(TaskError::Fatal(anyhow!("no file is named"))) };
        let gone = || TaskError::Fatal(anyhow!("the import {id} is no longer kept: import its file again"));
        imports::find(self.0.database.connection(), id).await?.ok_or_else(gone)
    }

    /// The file's rows of the task's company, and the company.
    async fn offered(&self, task: &TaskContext, file: &ImportFile) -> Result<(Offered, Company), TaskError> {
        let fatal = TaskError::Fatal;
        let code = StockCode::parse(task.key()).map_err(|error| fatal(error.into()))?;
        let layout = Layout::parse(&file.layout)
            .ok_or_else(|| fatal(anyhow!("the layout {:?} is unknown here", file.layout)))?;
        let pieces = imports::pieces(self.0.database.connection(), &file.id, &code).await?;
        let Some(first) = pieces.first() else {
            return Err(fatal(anyhow!("its rows are no longer kept: import the file again")));
        };
        let company = self.company(&code, first.country.as_deref()).await?;
        let mut rows = FileRows::default();
        for piece in &pieces {
            rows.add(&piece.body).map_err(fatal)?;
        }
        Ok((Offered { source: layout.source(), basis: file.basis, rows }, company))
    }

    /// American files write `BRK-B` for what others call `BRK.B`.
    async fn company(&self, code: &StockCode, country: Option<&str>) -> Result<Company, TaskError> {
        let connection = self.0.database.connection();
        let dotted = StockCode::parse(&code.as_str().replace('-', ".")).ok().filter(|dotted| dotted != code);
        for code in [Some(code.clone()), dotted].into_iter().flatten() {
            let found = match country {
                Some(country) => companies::find_by_code_in(connection, &code, country).await?,
                None => companies::find_by_code(connection, &code).await?,
            };
            if let Some(company) = found {
                return Ok(company);
            }
        }
        let of = country.map_or_else(String::new, |country| format!(" of {country}"));
        let reason = format!("{code}{of} is not in the company master: register it, then retry the run");
        Err(TaskError::Fatal(anyhow!(reason)))
    }

    async fn stored(&self, company: &Company) -> Result<Vec<Bar>, TaskError> {
        Ok(bars::read(self.0.database.connection(), &company.company_id, Days::EVER).await?)
    }
}

/// A task whose rows were judged.
struct Work<'a> {
    task: &'a TaskContext,
    target: &'a Target<'a>,
    held: &'a Held<'a>,
    file: &'a ImportFile,
    rejected: Rejected,
}

impl Work<'_> {
    /// Nothing is loaded; the rows stay for another try, the rejected ones also in quarantine.
    async fn refused(self, reason: String) -> Result<Done, TaskError> {
        if !self.task.run().params().dry_run {
            let transaction = self.task.begin().await?;
            keep_rejected(transaction.connection(), self.target, std::slice::from_ref(&self.rejected)).await?;
            transaction.keep().await?;
        }
        Err(TaskError::Fatal(anyhow!(reason)))
    }

    async fn reported(self, fitted: &Fitted) -> Result<Done, TaskError> {
        let message = Some(report::would(fitted, self.held, self.rejected.rows.len()));
        self.task.complete(TaskReport { source: Some(fitted.source), message, ..TaskReport::default() }).await
    }

    /// Every row was rejected without being held against the file, or is of the session under way.
    async fn nothing(self) -> Result<Done, TaskError> {
        let transaction = self.task.begin().await?;
        let held = keep_rejected(transaction.connection(), self.target, std::slice::from_ref(&self.rejected)).await?;
        self.forget(transaction.connection()).await?;
        let count = self.rejected.rows.len() as u64;
        let message = Some(format!("no row to load; {}", rejected(count, held)));
        let rows = RowCounts { fetched: count, rejected: count, ..RowCounts::default() };
        let report = TaskReport { source: Some(self.rejected.source), rows, message };
        transaction.complete(report).await
    }

    async fn loaded(self, fitted: Fitted, metrics: &Metrics) -> Result<Done, TaskError> {
        let outcome = Outcome::Bars(fitted);
        let transaction = self.task.begin().await?;
        let rejected = std::slice::from_ref(&self.rejected);
        let loaded = load(transaction.connection(), self.target, self.held.series, &outcome, rejected).await?;
        self.forget(transaction.connection()).await?;
        let Outcome::Bars(fitted) = &outcome else { return Err(TaskError::Fatal(anyhow!("bars were given"))) };
        let message = report::did(fitted, &loaded);
        let report = TaskReport { source: Some(fitted.source), rows: loaded.rows, message };
        let done = transaction.complete(report).await?;
        count(metrics, loaded.rows, loaded.indicator_rows);
        Ok(done)
    }

    /// With the success of the task its rows need not wait any more.
    async fn forget(&self, transaction: &crate::db::Transaction) -> Result<(), TaskError> {
        Ok(imports::remove_rows(
            transaction,
            &self.file.id,
            &StockCode::parse(self.task.key()).map_err(|error| TaskError::Fatal(error.into()))?,
        )
        .await?)
    }
}
