//! Asking the sources in their order until one answers with bars that fit.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::anyhow;
use chrono::NaiveDate;
use tokio_util::sync::CancellationToken;

use crate::{
    crawl::{Answer, Prospect, Refusal, failure::LONGEST_WAIT},
    jobs::TaskError,
    stock::{
        bar::{Days, RawBatch},
        checks::CheckContext,
        loading::{Change, Fitted, Outcome, Rejected, Stored, judge},
        sources::{BarQuery, BarSource, SourceName},
    },
};

/// A source with its name.
#[derive(Clone)]
pub struct Candidate {
    pub name: SourceName,
    pub source: Arc<BarSource>,
}

/// What asking came to. Rejected rows are kept whatever became of their answer.
#[derive(Debug)]
pub struct Fetched {
    pub asked: Days,
    pub outcome: Option<Outcome>,
    pub rejected: Vec<Rejected>,
    /// The days of the bars that any answer had beyond those stored, also one that was not taken.
    pub given: BTreeSet<NaiveDate>,
    /// Why each source that was asked did not serve.
    failures: Vec<Failure>,
}

/// What makes an answer good enough not to ask the other sources.
#[derive(Clone, Copy, Debug)]
pub enum Wish<'a> {
    /// Anything the source has, also nothing.
    Anything,
    /// A session so recent that a source may not have published it yet.
    Fresh(NaiveDate),
    /// Sessions without a row: what one source has no bar for, another may.
    Missing(&'a [NaiveDate]),
}

impl Wish<'_> {
    fn is_granted(&self, answer: &Fitted) -> bool {
        match self {
            Self::Anything => true,
            Self::Fresh(session) => answer.newest >= Some(*session),
            Self::Missing(sessions) => {
                let has = |day: &NaiveDate| answer.bars.binary_search_by_key(day, |bar| bar.date).is_ok();
                // A rebased history replaces all there is, whatever is missing.
                matches!(answer.change, Change::Rebased { .. } | Change::Settled(_)) || sessions.iter().all(has)
            }
        }
    }
}

#[derive(Debug)]
struct Failure {
    source: SourceName,
    reason: String,
    prospect: Prospect,
}

/// Asks until one source grants the wish, to the end of the days asked for. The answer of one that serves without
/// granting it is put by, and if none of the others grants it, the best of those is taken.
///
/// # Errors
/// [`TaskError::Cancelled`] when the run is stopped; refusals are part of the result.
pub async fn fetch(
    candidates: &[Candidate],
    query: &BarQuery,
    stored: &Stored<'_>,
    wish: Wish<'_>,
    cancel: &CancellationToken,
) -> Result<Fetched, TaskError> {
    let end = query.final_days().map_or(query.days.to, |days| days.to);
    let is_whole = |fitted: &Fitted| fitted.vouched.to >= end && wish.is_granted(fitted);
    let mut fetched = Fetched::new(query.days);
    for candidate in candidates.iter().filter(|candidate| candidate.name.serves(query.market())) {
        let name = candidate.name;
        let failure = match candidate.source.fetch(query, cancel).await {
            Ok(Answer::Data(raw)) => match fetched.judge(raw, query, stored) {
                Ok(fitted) if is_whole(&fitted) => {
                    fetched.outcome = Some(Outcome::Bars(fitted));
                    return Ok(fetched);
                }
                Ok(fitted) => {
                    fetched.put_by(Outcome::Bars(fitted));
                    continue;
                }
                Err(reason) => (reason, Prospect::Lasting),
            },
            // Not even the stored sessions that were asked for again: it no longer knows the company, or knows less.
            Ok(Answer::NoNewData | Answer::NotTradingDay) if stored.bars.iter().any(|bar| bar.close.is_some()) => {
                ("has none of these days, not even of those that are stored".to_owned(), Prospect::Lasting)
            }
            Ok(Answer::NoNewData | Answer::NotTradingDay) => {
                fetched.put_by(Outcome::Nothing { source: name.as_str(), vouched: query.days });
                if matches!(wish, Wish::Anything) {
                    return Ok(fetched);
                }
                continue;
            }
            Ok(Answer::UnknownSymbol) => ("does not know the code".to_owned(), Prospect::Lasting),
            Ok(Answer::Delisted) => ("says it is delisted".to_owned(), Prospect::Lasting),
            Err(Refusal::Cancelled) => return Err(TaskError::Cancelled),
            Err(refusal) => (refusal.to_string(), refusal.prospect()),
        };
        tracing::debug!(source = name.as_str(), reason = failure.0, "the source did not serve");
        fetched.failures.push(Failure { source: name, reason: failure.0, prospect: failure.1 });
    }
    Ok(fetched)
}

impl Fetched {
    fn new(asked: Days) -> Self {
        Self { asked, outcome: None, rejected: Vec::new(), given: BTreeSet::new(), failures: Vec::new() }
    }

    /// Of the answers that lack something the one with the newest bar counts, then the one with the most new bars, else
    /// the first with any row, else the first.
    fn put_by(&mut self, outcome: Outcome) {
        let reach = |fitted: &Fitted| (fitted.newest, fitted.bars.len());
        let better = match (&self.outcome, &outcome) {
            (None, _) | (Some(Outcome::Nothing { .. }), Outcome::Bars(_)) => true,
            (Some(Outcome::Bars(before)), Outcome::Bars(now)) => reach(now) > reach(before),
            _ => false,
        };
        if better {
            self.outcome = Some(outcome);
        }
    }

    fn judge(&mut self, raw: RawBatch, query: &BarQuery, stored: &Stored<'_>) -> Result<Fitted, String> {
        let context = CheckContext {
            calendar: &query.calendar,
            newest_final: query.newest_final,
            previous_close: stored.previous_close,
        };
        let judged = judge(raw, &context, stored);
        self.rejected.push(judged.rejected);
        if let Ok(fitted) = &judged.fitted {
            self.given.extend(fitted.bars.iter().map(|bar| bar.date));
        }
        judged.fitted
    }

    /// True when no source will serve the next time either: none knows the company, or will answer us.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.outcome.is_none()
            && !self.failures.is_empty()
            && self.failures.iter().all(|failure| !matches!(failure.prospect, Prospect::Passing(_)))
    }

    /// What each source that did not serve said.
    #[must_use]
    pub fn reasons(&self) -> String {
        let reason = |failure: &Failure| format!("{}: {}", failure.source.as_str(), failure.reason);
        self.failures.iter().map(reason).collect::<Vec<_>>().join("; ")
    }

    /// Why no source served, and whether that may change soon; then what else is to be said.
    #[must_use]
    pub fn error(&self, more: Option<String>) -> TaskError {
        if self.failures.is_empty() {
            return TaskError::Fatal(anyhow!("no enabled source serves this market"));
        }
        let error = anyhow!(std::iter::once(self.reasons()).chain(more).collect::<Vec<_>>().join("; "));
        let waits = self.failures.iter().filter_map(|failure| match failure.prospect {
            Prospect::Passing(after) => Some(after.unwrap_or(Duration::ZERO)),
            Prospect::Lasting => None,
        });
        match waits.min() {
            Some(wait) if wait <= LONGEST_WAIT => TaskError::Retry { after: (!wait.is_zero()).then_some(wait), error },
            _ => TaskError::Fatal(error),
        }
    }
}
