//! Filling gaps: each piece is fetched, judged and written by itself, so that what came stays when a later one fails.

use chrono::NaiveDate;

use super::{
    fetch::Fetched,
    job::StockJob,
    message::Written,
    missing::{complete, in_words, missing, sessions_of},
    need::Wanted,
};
use crate::{
    jobs::{Done, RowCounts, TaskContext, TaskError, TaskReport},
    stock::{
        bar::{CompanyId, Days},
        coverage::Piece,
        loading::{Outcome, Target},
        sources::BarQuery,
        store::{bars, series, series::Series},
    },
};

/// What the pieces of a task came to so far.
#[derive(Default)]
struct Filled {
    rows: RowCounts,
    source: Option<&'static str>,
    without_trades: usize,
    messages: Vec<String>,
}

impl StockJob {
    /// Fetches the gaps of a company and what is new, piece by piece.
    pub(super) async fn fill(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        series: &Series,
        wanted: &Wanted,
    ) -> Result<Done, TaskError> {
        let dates = self.dates(&target.company.company_id, all_days()).await?;
        let pieces = missing(target.company, target.calendar, series, wanted, &dates);
        if pieces.is_empty() {
            return self.nothing_to_fetch(task, target, series, wanted).await;
        }
        if task.run().params().dry_run {
            let message =
                format!("would fetch {} from {}", in_words(&pieces), self.source_names(target.calendar.market()));
            return task.complete(TaskReport { message: Some(message), ..TaskReport::default() }).await;
        }
        let mut filled = Filled::default();
        // The newest first: what is covered grows from its ends, and never over a gap that is still to be asked for.
        let mut left = pieces.iter().rev().peekable();
        while let Some(piece) = left.next() {
            let Some((fetched, series)) = self.piece(task, target, wanted, piece, &mut filled).await? else { continue };
            let (transaction, written) = self.written(task, target, &series, &fetched).await?;
            let loaded = written.loaded;
            filled.add(written);
            if left.peek().is_none() {
                let done = transaction.complete(filled.report()).await?;
                self.count(&loaded);
                return Ok(done);
            }
            transaction.keep().await?;
            self.count(&loaded);
        }
        task.complete(filled.report()).await
    }

    /// Asks for a piece; none when meanwhile nothing is missing in it, because its history was fetched anew.
    async fn piece(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        wanted: &Wanted,
        piece: &Piece,
        filled: &mut Filled,
    ) -> Result<Option<(Fetched, Series)>, TaskError> {
        let Target { company, calendar, now, .. } = *target;
        let series = series::find(self.0.database.connection(), &company.company_id).await?;
        let there = self.dates(&company.company_id, piece.days).await?;
        let mut sessions = sessions_of(calendar, piece);
        sessions.retain(|day| there.binary_search(day).is_err());
        if sessions.is_empty() && !piece.gaps.is_empty() {
            return Ok(None);
        }
        let (code, days) = (company.stock_code.clone(), piece.days);
        let query = BarQuery { code, calendar: calendar.clone(), days, newest_final: wanted.newest_final };
        let mut fetched = self.fetched(task, target, &series, query, Some(&sessions)).await?;
        if let Some(Outcome::Bars(answer)) = &mut fetched.outcome {
            let told = (&fetched.given, fetched.rejected.as_slice());
            filled.without_trades += complete(answer, &sessions, told, calendar.market(), now);
        }
        Ok(Some((fetched, series)))
    }

    pub(super) async fn dates(&self, company: &CompanyId, days: Days) -> Result<Vec<NaiveDate>, TaskError> {
        Ok(bars::dates(self.0.database.connection(), company, days).await?)
    }
}

impl Filled {
    fn add(&mut self, written: Written) {
        self.rows += written.loaded.rows;
        self.source = written.source.or(self.source);
        self.messages.extend(written.message);
    }

    fn report(self) -> TaskReport {
        let Self { rows, source, without_trades, mut messages } = self;
        if without_trades > 0 {
            messages.push(format!("{without_trades} sessions that no source has a bar for stored as without trades"));
        }
        let message = (!messages.is_empty()).then(|| messages.join("; "));
        TaskReport { source, rows, message }
    }
}

/// Every day a row may be of.
fn all_days() -> Days {
    let year = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    Days { from: year(1800), to: year(3000) }
}
