//! The readings of one company, in the order of their times, into the store: one transaction.

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::{
    order::{Standing, standings},
    read::Reading,
};
use crate::{
    db::Transaction,
    jobs::{RowCounts, TaskError},
    stock::{
        bar::{BarBatch, Days},
        loading::{Before, Change, Loaded, Outcome, Rejected, Stored, Target, keep_rejected, load, refit},
        sources::SourceName,
        store::{
            bars,
            revisions::{self, Stamp},
            series,
        },
    },
};

/// What an answer came to is stored so long after it.
const ITS_OWN: TimeDelta = TimeDelta::minutes(1);

/// What became of the readings.
#[derive(Debug, Default)]
pub struct Tally {
    pub rows: RowCounts,
    pub indicator_rows: u64,
    readings: usize,
    corrected: usize,
    rebased: bool,
    /// Why readings were not loaded; each reason once.
    left: Vec<(String, usize)>,
}

/// Loads what the readings tell, within the transaction.
///
/// # Errors
/// As [`load`].
pub async fn apply(
    transaction: &Transaction,
    target: &Target<'_>,
    source: SourceName,
    readings: Vec<Reading>,
) -> Result<Tally, TaskError> {
    let mut tally = Tally { readings: readings.len(), ..Tally::default() };
    let Some(first) = readings.iter().map(|reading| reading.at).min() else { return Ok(tally) };
    let id = &target.company.company_id;
    let revisions = revisions::since(transaction, id, first, super::ReplayJob::NAME).await?;
    let told: Vec<_> = readings.iter().map(|reading| reading.bars.as_ref().map_or(&[][..], |b| &b.bars)).collect();
    let standings = standings(&told);
    for (reading, standing) in readings.into_iter().zip(standings) {
        let later: Vec<&Stamp> = revisions.iter().filter(|revision| revision.at > reading.at + ITS_OWN).collect();
        let rejected = Rejected { source: source.as_str(), basis: source.basis(), rows: reading.rejected };
        let loaded = match reading.bars {
            Err(reason) => Err(reason),
            Ok(_) if standing.outdated => Err("the history was rebased after it".to_owned()),
            Ok(batch) => one(transaction, target, batch, &rejected, before(standing, &later), &mut tally).await?,
        };
        if let Err(reason) = loaded {
            keep_rejected(transaction, target, std::slice::from_ref(&rejected)).await?;
            tally.rows.rejected += rejected.rows.len() as u64;
            tally.rows.fetched += rejected.rows.len() as u64;
            tally.leave(reason);
        }
    }
    Ok(tally)
}

fn before(standing: Standing, later: &[&Stamp]) -> Before {
    let mut told_later = standing.told_later;
    told_later.extend(later.iter().filter(|revision| !revision.is_rebase).map(|revision| revision.date));
    let rebased_later = later.iter().any(|revision| revision.is_rebase);
    Before { told_later, rebased_later, ..Before::default() }
}

/// Loads one reading, or says why not.
async fn one(
    transaction: &Transaction,
    target: &Target<'_>,
    batch: BarBatch,
    rejected: &Rejected,
    mut before: Before,
    tally: &mut Tally,
) -> Result<Result<(), String>, TaskError> {
    let id = &target.company.company_id;
    let series = series::lock(transaction, id).await?;
    let newest = batch.bars.last().map_or(batch.vouched.to, |bar| bar.date);
    let days = Days { from: batch.vouched.from, to: newest };
    let stored = bars::read(transaction, id, days).await?;
    before.own = bars::days_from(transaction, id, days, batch.source).await?;
    let stored = Stored { series: &series, bars: &stored, previous_close: None };
    let fitted = match refit(batch, &stored, &before) {
        Ok(fitted) => fitted,
        Err(reason) => return Ok(Err(reason)),
    };
    match &fitted.change {
        Change::Corrections(corrections) => tally.corrected += corrections.len(),
        Change::Rebased { .. } | Change::Settled(_) => tally.rebased = true,
        Change::None => {}
    }
    let outcome = Outcome::Bars(fitted);
    let loaded = load(transaction, target, &series, &outcome, std::slice::from_ref(rejected)).await?;
    tally.add(&loaded);
    Ok(Ok(()))
}

impl Tally {
    fn add(&mut self, loaded: &Loaded) {
        self.rows += loaded.rows;
        self.indicator_rows += loaded.indicator_rows;
    }

    fn leave(&mut self, reason: String) {
        match self.left.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => self.left.push((reason, 1)),
        }
    }

    /// What is worth reading beside the counts.
    #[must_use]
    pub fn message(&self) -> String {
        let fetches = if self.readings == 1 { "fetch" } else { "fetches" };
        let mut text = format!("{} archived {fetches} read again", self.readings);
        for (count, what) in [(self.rows.inserted, "bars added"), (self.corrected as u64, "bars corrected")] {
            if count > 0 {
                let _ = write!(text, "; {count} {what}");
            }
        }
        if self.rebased {
            text.push_str("; history rebased");
        }
        for (reason, count) in &self.left {
            let _ = write!(text, "; {count} not loaded: {reason}");
        }
        text
    }
}
