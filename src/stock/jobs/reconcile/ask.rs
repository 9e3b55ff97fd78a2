//! Asking a second source.

use anyhow::anyhow;
use chrono::NaiveDate;
use tokio_util::sync::CancellationToken;

use crate::{
    crawl::{Answer, Refusal},
    jobs::TaskError,
    stock::{
        bar::{BarBatch, Basis},
        calendar::Market,
        checks::{CheckContext, check},
        jobs::Candidate,
        sources::BarQuery,
        store::series::Series,
    },
};

/// What a second source said.
pub enum Second {
    /// Checked like any answer.
    Bars(BarBatch),
    /// None of them knows the company or has these days: why.
    None(String),
}

/// The sources that the series can be compared with, those it is not from first.
#[must_use]
pub fn comparable<'a>(
    candidates: &'a [Candidate],
    market: Market,
    series: &Series,
    basis: Basis,
) -> Vec<&'a Candidate> {
    let mut found: Vec<&Candidate> =
        candidates.iter().filter(|other| other.name.serves(market) && other.name.basis() == basis).collect();
    found.sort_by_key(|other| series.source.as_deref() == Some(other.name.as_str()));
    found
}

/// Asks in order until one source has bars.
///
/// # Errors
/// When none has, and one of them may have later; or none answers as it should.
pub async fn ask(candidates: &[&Candidate], query: &BarQuery, cancel: &CancellationToken) -> Result<Second, TaskError> {
    let (mut reasons, mut passing, mut broken) = (Vec::new(), false, false);
    for candidate in candidates {
        let reason = match candidate.source.fetch(query, cancel).await {
            Ok(Answer::Data(raw)) => {
                let context = CheckContext {
                    calendar: &query.calendar,
                    newest_final: query.newest_final,
                    previous_close: None::<(NaiveDate, f64)>,
                };
                match check(raw, &context) {
                    Ok(checked) => return Ok(Second::Bars(checked.batch)),
                    Err(changed) => {
                        broken = true;
                        format!("unexpected answer: {}", changed.reason)
                    }
                }
            }
            Ok(Answer::NoNewData | Answer::NotTradingDay) => "has nothing for these days".to_owned(),
            Ok(Answer::UnknownSymbol | Answer::Delisted) => "does not know the code".to_owned(),
            Err(Refusal::Cancelled) => return Err(TaskError::Cancelled),
            Err(refusal) => {
                match refusal {
                    Refusal::Blocked { .. } | Refusal::SchemaChanged { .. } | Refusal::Closed { .. } => broken = true,
                    _ => passing = true,
                }
                refusal.to_string()
            }
        };
        reasons.push(format!("{}: {reason}", candidate.name.as_str()));
    }
    let reasons = reasons.join("; ");
    match (passing, broken) {
        (true, _) => Err(TaskError::Retry { after: None, error: anyhow!(reasons) }),
        (false, true) => Err(TaskError::Fatal(anyhow!(reasons))),
        (false, false) => Ok(Second::None(reasons)),
    }
}
