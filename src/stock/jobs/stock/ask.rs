//! Asking for the bars of a company, once more for its whole history where that was rebased.

use chrono::NaiveDate;

use super::{
    fetch::{Candidate, Fetched, Wish, fetch},
    job::StockJob,
};
use crate::{
    jobs::{TaskContext, TaskError},
    stock::{
        bar::{Bar, Days},
        loading::{Change, Outcome, Stored, Target, is_fresh},
        sources::BarQuery,
        store::{bars, series::Series},
    },
};

impl StockJob {
    /// Asks the sources; once more for the whole history when the first answer shows that it was rebased. With
    /// `missing` sessions it is those that are looked for.
    pub(super) async fn fetched(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        series: &Series,
        mut query: BarQuery,
        missing: Option<&[NaiveDate]>,
    ) -> Result<Fetched, TaskError> {
        let mut fetched = self.ask(task, target, series, &query, &self.0.sources, missing).await?;
        let Some(Outcome::Bars(answer)) = &fetched.outcome else { return Ok(fetched) };
        let (Change::Rebased { ratio, .. }, Some(covered)) = (&answer.change, series.covered) else {
            return Ok(fetched);
        };
        let source = answer.source;
        tracing::info!(ratio, source, "the history seems to be rebased and is fetched anew");
        let whole = Days { from: covered.from.min(query.days.from), to: covered.to.max(query.days.to) };
        let only: Vec<Candidate> = self.0.sources.iter().filter(|c| c.name.as_str() == source).cloned().collect();
        query.days = whole;
        let mut again = self.ask(task, target, series, &query, &only, None).await?;
        again.rejected.append(&mut fetched.rejected);
        match &mut again.outcome {
            Some(Outcome::Bars(answer)) => {
                // The whole history has the last word: it may show a few wrong bars where the overlap showed a ratio.
                if let Change::Rebased { ratio, until } = answer.change {
                    // All of it: a bar that somebody accepted may lie outside of what a source has answered for.
                    let stored = self.stored(target, Days::EVER).await?;
                    answer.bars = answer.bars.clone().rebased(&stored, ratio, until);
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

    async fn ask(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        series: &Series,
        query: &BarQuery,
        sources: &[Candidate],
        missing: Option<&[NaiveDate]>,
    ) -> Result<Fetched, TaskError> {
        let days = if series.is_unsettled() { Days::EVER } else { query.days };
        let stored = self.stored(target, days).await?;
        let connection = self.0.database.connection();
        // Where stored sessions are read again, they tell a rebased history from a wrong row better than one close can.
        let previous_close = if stored.is_empty() {
            bars::last_close_before(connection, &target.company.company_id, query.days.from).await?
        } else {
            None
        };
        let wish = match missing {
            Some(sessions) if !sessions.is_empty() => Wish::Missing(sessions),
            _ if is_fresh(target.calendar.market(), query.days.to, target.now) => Wish::Fresh(query.days.to),
            _ => Wish::Anything,
        };
        let stored = Stored { series, bars: &stored, previous_close };
        fetch(sources, query, &stored, wish, task.run().cancel()).await
    }

    pub(super) async fn stored(&self, target: &Target<'_>, days: Days) -> Result<Vec<Bar>, TaskError> {
        Ok(bars::read(self.0.database.connection(), &target.company.company_id, days).await?)
    }
}
