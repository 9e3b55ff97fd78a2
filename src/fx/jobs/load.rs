//! An answer into the store: rates, revisions and the state of the series, in the transaction that also records the task.

use std::{collections::BTreeSet, time::Duration};

use chrono::NaiveDate;
use tracing::Instrument as _;

use super::fetch::Fetched;
use crate::{
    db::{DbError, Transaction},
    fx::{
        calendar::is_target_day,
        ecb,
        rate::{Days, Rate},
        store::{rates, revisions, series, series::Series},
    },
    jobs::{RowCounts, RunId, TaskError},
    telemetry::trace::TRACE,
};

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub rows: RowCounts,
    /// TARGET days of the answer without any rate.
    pub without: Vec<NaiveDate>,
}

/// Writes an answer.
///
/// # Errors
/// [`TaskError::Retry`] when another run changed the rates since `seen`; otherwise what the database says.
pub async fn load(
    transaction: &Transaction,
    run: &RunId,
    seen: &Series,
    fetched: &Fetched,
) -> Result<Loaded, TaskError> {
    write(transaction, run, seen, fetched).instrument(tracing::info_span!(target: TRACE, "load")).await
}

async fn write(transaction: &Transaction, run: &RunId, seen: &Series, fetched: &Fetched) -> Result<Loaded, TaskError> {
    let mut series = series::lock(transaction, ecb::NAME).await?;
    if series.version != seen.version {
        let error = anyhow::anyhow!("another run changed the rates meanwhile");
        return Err(TaskError::Retry { after: Some(Duration::from_millis(100)), error });
    }
    let judged = &fetched.judged;
    let mut loaded = Loaded::default();
    loaded.rows.rejected = judged.rejected.len() as u64;
    loaded.rows.fetched = judged.rates.len() as u64 + loaded.rows.rejected;
    for rates in judged.rates.chunk_by(|a, b| a.currency == b.currency) {
        store(transaction, run, rates, &mut loaded.rows).await?;
    }
    if loaded.rows.inserted + loaded.rows.updated > 0 {
        series.version += 1;
    }
    if let Some(vouched) = fetched.vouched() {
        loaded.without = without(vouched, &judged.rates);
        cover(&mut series, vouched);
    }
    series::save(transaction, ecb::NAME, &series).await?;
    Ok(loaded)
}

async fn store(transaction: &Transaction, run: &RunId, given: &[Rate], rows: &mut RowCounts) -> Result<(), DbError> {
    let written = rates::store(transaction, ecb::NAME, given).await?;
    revisions::add(transaction, ecb::NAME, run, &written.corrections).await?;
    rows.inserted += written.inserted;
    rows.updated += written.corrections.len() as u64;
    rows.unchanged += written.unchanged;
    Ok(())
}

fn without(days: Days, rates: &[Rate]) -> Vec<NaiveDate> {
    let given: BTreeSet<NaiveDate> = rates.iter().map(|rate| rate.date).collect();
    let days = days.from.iter_days().take_while(|day| *day <= days.to);
    days.filter(|day| is_target_day(*day) && !given.contains(day)).collect()
}

fn cover(series: &mut Series, days: Days) {
    let covered = series.covered.unwrap_or(days);
    series.covered = Some(Days { from: covered.from.min(days.from), to: covered.to.max(days.to) });
}
