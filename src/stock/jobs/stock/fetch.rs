//! Asking the sources in their order until one answers with bars that fit.

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use chrono::NaiveDate;
use tokio_util::sync::CancellationToken;

use crate::{
    crawl::{Answer, Refusal},
    jobs::TaskError,
    stock::{
        bar::{Days, RawBatch},
        checks::CheckContext,
        loading::{Fitted, Outcome, Rejected, Stored, judge},
        sources::{BarQuery, BarSource, SourceName},
    },
};

/// A wait longer than this is not worth holding a run for: a quota or a source that is down may be over by then.
const LONGEST_WAIT: Duration = Duration::from_mins(16);

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
    /// Why each source that was asked did not serve.
    failures: Vec<Failure>,
}

#[derive(Debug)]
struct Failure {
    source: SourceName,
    reason: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// May be different later, perhaps after a time the source named.
    Passing(Option<Duration>),
    /// Will be the same the next time.
    Lasting,
}

/// Asks until one source serves to the end of the days asked for. `fresh` is a session so recent that a source may not
/// have published it yet. A source that serves without it, or whose days end sooner, is put by, and if none of the
/// others does better, its answer is taken.
///
/// # Errors
/// [`TaskError::Cancelled`] when the run is stopped; refusals are part of the result.
pub async fn fetch(
    candidates: &[Candidate],
    query: &BarQuery,
    stored: &Stored<'_>,
    fresh: Option<NaiveDate>,
    cancel: &CancellationToken,
) -> Result<Fetched, TaskError> {
    let end = query.final_days().map_or(query.days.to, |days| days.to);
    let is_whole = |fitted: &Fitted| fitted.vouched.to >= end && fresh.is_none_or(|day| fitted.newest >= Some(day));
    let mut fetched = Fetched { asked: query.days, outcome: None, rejected: Vec::new(), failures: Vec::new() };
    for candidate in candidates.iter().filter(|candidate| candidate.name.serves(query.market)) {
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
                Err(reason) => (reason, Kind::Lasting),
            },
            // Not even the stored sessions that were asked for again: it no longer knows the company, or knows less.
            Ok(Answer::NoNewData | Answer::NotTradingDay) if stored.bars.iter().any(|bar| bar.close.is_some()) => {
                ("has none of these days, not even of those that are stored".to_owned(), Kind::Lasting)
            }
            Ok(Answer::NoNewData | Answer::NotTradingDay) => {
                fetched.put_by(Outcome::Nothing { source: name.as_str(), vouched: query.days });
                if fresh.is_none() {
                    return Ok(fetched);
                }
                continue;
            }
            Ok(Answer::UnknownSymbol) => ("does not know the code".to_owned(), Kind::Lasting),
            Ok(Answer::Delisted) => ("says it is delisted".to_owned(), Kind::Lasting),
            Err(Refusal::Cancelled) => return Err(TaskError::Cancelled),
            Err(refusal) => (refusal.to_string(), kind(&refusal)),
        };
        tracing::debug!(source = name.as_str(), reason = failure.0, "the source did not serve");
        fetched.failures.push(Failure { source: name, reason: failure.0, kind: failure.1 });
    }
    Ok(fetched)
}

fn kind(refusal: &Refusal) -> Kind {
    match refusal {
        Refusal::Network { .. } | Refusal::Server { .. } => Kind::Passing(None),
        Refusal::QuotaExceeded { retry_after, .. } => Kind::Passing(*retry_after),
        Refusal::Closed { retry_after, .. } => Kind::Passing(Some(*retry_after)),
        Refusal::Blocked { .. } | Refusal::SchemaChanged { .. } | Refusal::Cancelled => Kind::Lasting,
    }
}

impl Fetched {
    /// Of the answers that lack something the one with the newest bar counts, of equals the first.
    fn put_by(&mut self, outcome: Outcome) {
        let better = match (&self.outcome, &outcome) {
            (None, _) | (Some(Outcome::Nothing { .. }), Outcome::Bars(_)) => true,
            (Some(Outcome::Bars(before)), Outcome::Bars(now)) => now.newest > before.newest,
            _ => false,
        };
        if better {
            self.outcome = Some(outcome);
        }
    }

    fn judge(&mut self, raw: RawBatch, query: &BarQuery, stored: &Stored<'_>) -> Result<Fitted, String> {
        let context = CheckContext {
            market: query.market,
            newest_final: query.newest_final,
            previous_close: stored.previous_close,
        };
        let judged = judge(raw, &context, stored);
        self.rejected.push(judged.rejected);
        judged.fitted
    }

    /// True when no source will serve the next time either: none knows the company, or will answer us.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.outcome.is_none()
            && !self.failures.is_empty()
            && self.failures.iter().all(|failure| !matches!(failure.kind, Kind::Passing(_)))
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
        let waits = self.failures.iter().filter_map(|failure| match failure.kind {
            Kind::Passing(after) => Some(after.unwrap_or(Duration::ZERO)),
            Kind::Lasting => None,
        });
        match waits.min() {
            Some(wait) if wait <= LONGEST_WAIT => TaskError::Retry { after: (!wait.is_zero()).then_some(wait), error },
            _ => TaskError::Fatal(error),
        }
    }
}
