//! One company's answer into the store: bars, indicators, quarantine, revisions and the series' state, in the
//! transaction that also records the task.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tracing::Instrument as _;

use super::{
    fit::{Change, Fitted},
    judge::Rejected,
};
use crate::{
    db::{DbError, Transaction},
    jobs::{RowCounts, RunId, TaskError},
    stock::{
        bar::{CompanyId, Days},
        calendar::{Calendar, Market, final_at},
        company::Company,
        store::{
            bars,
            indicators::{self, Positions},
            quarantine, revisions,
            series::{self, Series},
        },
    },
    telemetry::trace::TRACE,
};

/// A session without a bar this long after its end had no trade; before, it may just not be published yet.
pub const PUBLISHED_AFTER: TimeDelta = TimeDelta::hours(12);

/// Whether a session is so recent that a source without its bar may just be late.
#[must_use]
pub fn is_fresh(market: Market, session: NaiveDate, now: DateTime<Utc>) -> bool {
    now - final_at(market, session) <= PUBLISHED_AFTER
}

/// Whose data is written, and when.
pub struct Target<'a> {
    pub company: &'a Company,
    /// Of the company's market.
    pub calendar: &'a Calendar,
    pub run: &'a RunId,
    pub positions: &'a Positions,
    pub now: DateTime<Utc>,
}

/// What a company's answer came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    Bars(Fitted),
    /// The source knows the company and has nothing for these days.
    Nothing {
        source: &'static str,
        vouched: Days,
    },
    /// Nobody will ever have these days: they are asked for in full only, from now on.
    GivenUp {
        asked: Days,
    },
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loaded {
    pub rows: RowCounts,
    /// Rejected rows that are new in quarantine and wait for a decision.
    pub held: u64,
    pub indicator_rows: u64,
}

/// Writes an outcome, and the rows rejected on the way to it.
///
/// # Errors
/// [`TaskError::Retry`] when another writer changed the series since `seen`; otherwise what the database says.
pub async fn load(
    transaction: &Transaction,
    target: &Target<'_>,
    seen: &Series,
    outcome: &Outcome,
    rejected: &[Rejected],
) -> Result<Loaded, TaskError> {
    write(transaction, target, seen, outcome, rejected).instrument(tracing::info_span!(target: TRACE, "load")).await
}

async fn write(
    transaction: &Transaction,
    target: &Target<'_>,
    seen: &Series,
    outcome: &Outcome,
    rejected: &[Rejected],
) -> Result<Loaded, TaskError> {
    let id = &target.company.company_id;
    let mut series = lock(transaction, id, seen).await?;
    let held = keep_rejected(transaction, target, rejected).await?;
    let mut loaded = Loaded { held, ..Loaded::default() };
    loaded.rows.rejected = rejected.iter().map(|rejected| rejected.rows.len() as u64).sum();
    loaded.rows.fetched = loaded.rows.rejected;
    let mut first_changed = None;
    match outcome {
        Outcome::Bars(answer) => {
            let left = set_aside(transaction, target, &answer.change).await?;
            let written = bars::store(transaction, id, answer.source, &answer.bars).await?;
            record_change(transaction, target, answer).await?;
            loaded.rows.fetched += answer.fetched;
            loaded.rows.inserted = written.inserted;
            loaded.rows.updated = written.updated;
            loaded.rows.unchanged = written.unchanged + answer.agreeing;
            first_changed = left.into_iter().chain(written.first_day).min();
            advance(&mut series, answer, target);
        }
        Outcome::Nothing { vouched, .. } => cover(&mut series, target.calendar, settled(*vouched, None, target)),
        Outcome::GivenUp { asked } => cover(&mut series, target.calendar, Some(*asked)),
    }
    if first_changed.is_some() {
        series.version += 1;
    }
    loaded.indicator_rows = derive(transaction, target, &mut series, first_changed).await?;
    series::save(transaction, id, &series).await?;
    Ok(loaded)
}

/// Computes indicators whose definition changed, when there is nothing to fetch.
///
/// # Errors
/// As [`load`].
pub async fn rederive(transaction: &Transaction, target: &Target<'_>, seen: &Series) -> Result<u64, TaskError> {
    let id = &target.company.company_id;
    let mut series = lock(transaction, id, seen).await?;
    let rows = derive(transaction, target, &mut series, None).await?;
    series::save(transaction, id, &series).await?;
    Ok(rows)
}

/// Keeps the rejected rows of all sources asked, also of those that did not serve. Gives how many are new and wait for
/// a decision.
///
/// # Errors
/// What the database says.
pub async fn keep_rejected(
    transaction: &Transaction,
    target: &Target<'_>,
    rejected: &[Rejected],
) -> Result<u64, DbError> {
    let mut held = 0;
    for Rejected { source, basis, rows } in rejected {
        held += quarantine::add(transaction, &target.company.company_id, (source, *basis), target.run, rows).await?;
    }
    Ok(held)
}

async fn lock(transaction: &Transaction, id: &CompanyId, seen: &Series) -> Result<Series, TaskError> {
    let series = series::lock(transaction, id).await?;
    if series.version != seen.version {
        let error = anyhow::anyhow!("another run changed the company's bars meanwhile");
        return Err(TaskError::Retry { after: Some(std::time::Duration::from_millis(100)), error });
    }
    Ok(series)
}

/// Bars whose place a source's history takes are kept as they were; gives the first of those that leave the series.
async fn set_aside(
    transaction: &Transaction,
    target: &Target<'_>,
    change: &Change,
) -> Result<Option<NaiveDate>, DbError> {
    let Change::Settled(settled) = change else { return Ok(None) };
    let id = &target.company.company_id;
    bars::set_aside(transaction, id, target.run.as_str(), &settled.replaced, &settled.left).await?;
    Ok(settled.left.first().copied())
}

async fn record_change(transaction: &Transaction, target: &Target<'_>, answer: &Fitted) -> Result<(), DbError> {
    let (id, source) = (&target.company.company_id, answer.source);
    match &answer.change {
        Change::None => Ok(()),
        Change::Corrections(found) => revisions::add_corrections(transaction, id, source, target.run, found).await,
        Change::Rebased { ratio, .. } => match answer.bars.last() {
            Some(newest) => revisions::add_rebase(transaction, id, source, target.run, newest.date, *ratio).await,
            None => Ok(()),
        },
        Change::Settled(settled) if settled.replaced.is_empty() && settled.left.is_empty() => Ok(()),
        Change::Settled(settled) => match answer.newest {
            Some(newest) => revisions::add_settled(transaction, id, source, target.run, newest, settled).await,
            None => Ok(()),
        },
    }
}

fn advance(series: &mut Series, answer: &Fitted, target: &Target<'_>) {
    let newest_given = answer.bars.last().map(|bar| bar.date).max(series.newest_date);
    series.basis = Some(answer.bars.basis());
    let is_new = series.source.is_none() || matches!(answer.change, Change::Rebased { .. } | Change::Settled(_));
    if newest_given > series.newest_date || is_new {
        series.source = Some(answer.source.to_owned());
    }
    series.newest_date = newest_given;
    cover(series, target.calendar, settled(answer.vouched, newest_given, target));
}

/// The days of an answer that need not be asked again: its end counts only when its bar is there, or when the
/// session is so long past that a bar would be.
fn settled(vouched: Days, newest: Option<NaiveDate>, target: &Target<'_>) -> Option<Days> {
    let to = if !is_fresh(target.calendar.market(), vouched.to, target.now) {
        vouched.to
    } else {
        newest.map_or(vouched.to.pred_opt()?, |day| day.min(vouched.to))
    };
    (vouched.from <= to).then_some(Days { from: vouched.from, to })
}

/// What is covered has no gap: days that do not join it, as those of a file may, are left to be asked for.
fn cover(series: &mut Series, calendar: &Calendar, days: Option<Days>) {
    let Some(days) = days else { return };
    let covered = series.covered.unwrap_or(days);
    if joins(calendar, covered, days) {
        series.covered = Some(Days { from: covered.from.min(days.from), to: covered.to.max(days.to) });
    }
}

fn joins(calendar: &Calendar, covered: Days, days: Days) -> bool {
    let (earlier, later) = if covered.from <= days.from { (covered, days) } else { (days, covered) };
    calendar.next_session_after(earlier.to) >= later.from
}

async fn derive(
    transaction: &Transaction,
    target: &Target<'_>,
    series: &mut Series,
    first_changed: Option<NaiveDate>,
) -> Result<u64, DbError> {
    let spec = target.positions.spec();
    let from = if series.indicator_spec == spec { first_changed } else { Some(first_session()) };
    series.indicator_spec = spec;
    match from {
        Some(from) => {
            let span = tracing::info_span!(target: TRACE, "indicators", from = %from);
            indicators::refresh(transaction, &target.company.company_id, target.positions, from).instrument(span).await
        }
        None => Ok(0),
    }
}

/// Before any session there is: Tokyo opened in 1949.
fn first_session() -> NaiveDate {
    NaiveDate::from_ymd_opt(1800, 1, 1).unwrap_or(NaiveDate::MIN)
}
