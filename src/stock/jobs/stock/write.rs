//! Writing what was fetched, or what was rejected of it.

use super::{
    fetch::Fetched,
    job::StockJob,
    message::{Written, message, told_rejected},
};
use crate::{
    jobs::{FencedTransaction, TaskContext, TaskError},
    stock::{
        company::CompanyStatus,
        jobs::counts::count,
        loading::{Loaded, Outcome, Target, keep_rejected, load},
        store::series::Series,
    },
};

impl StockJob {
    /// Writes what was fetched; the task's record, or its next piece, is the caller's.
    pub(super) async fn written<'t>(
        &self,
        task: &'t TaskContext,
        target: &Target<'_>,
        series: &Series,
        fetched: &Fetched,
    ) -> Result<(FencedTransaction<'t>, Written), TaskError> {
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
        Ok((transaction, Written { loaded, source, message }))
    }

    pub(super) fn count(&self, loaded: &Loaded) {
        count(&self.0.metrics, loaded.rows, loaded.indicator_rows);
    }

    /// Keeps what was rejected although nothing is loaded, and says why nothing is.
    pub(super) async fn refused(
        &self,
        task: &TaskContext,
        target: &Target<'_>,
        fetched: &Fetched,
    ) -> Result<TaskError, TaskError> {
        let transaction = task.begin().await?;
        let held = keep_rejected(transaction.connection(), target, &fetched.rejected).await?;
        transaction.keep().await?;
        let count = fetched.rejected.iter().map(|rejected| rejected.rows.len() as u64).sum();
        self.0.metrics.rows("stockprice", "rejected", count);
        Ok(fetched.error((count > 0).then(|| told_rejected(count, held, &target.company.stock_code))))
    }
}
