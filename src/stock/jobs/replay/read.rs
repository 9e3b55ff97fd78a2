//! One company's archived fetches, read again.

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::job::Replayed;
use crate::{
    crawl::{Answer, Refusal, archive::ArchivedFetch, store::answers},
    db::Database,
    jobs::TaskError,
    stock::{
        bar::{BarBatch, RawBatch, Rejection},
        calendar::Market,
        checks::{CheckContext, check},
        company::Company,
        sources::BarQuery,
        store::bars,
    },
};

/// A fetch as it reads today.
pub struct Reading {
    /// When it was answered.
    pub at: DateTime<Utc>,
    /// Or why there are none.
    pub bars: Result<BarBatch, String>,
    /// Rows that are not loaded.
    pub rejected: Vec<Rejection>,
}

/// Reads a fetch; none when it was about something else.
///
/// # Errors
/// [`TaskError::Cancelled`] when the run is stopped, and what the database says.
pub async fn read(
    database: &Database,
    source: &Replayed,
    (company, market): (&Company, Market),
    fetch: &ArchivedFetch,
    cancel: &CancellationToken,
) -> Result<Option<Reading>, TaskError> {
    let query = BarQuery::of_subject(&fetch.subject).filter(|query| query.market == market);
    let Some(query) = query else { return Ok(None) };
    let recording = answers::recording(database.connection(), &fetch.id).await?;
    let Some(over) = (source.over)(recording) else { return Ok(None) };
    let reading = |bars, rejected| Ok(Some(Reading { at: fetch.at, bars, rejected }));
    let raw = match over.fetch(&query, cancel).await {
        Ok(Answer::Data(raw)) => raw,
        Ok(_) => return reading(Err("it has no bars".to_owned()), Vec::new()),
        Err(Refusal::Cancelled) => return Err(TaskError::Cancelled),
        Err(refusal) => return reading(Err(refusal.to_string()), Vec::new()),
    };
    let context = context(database, company, &query, &raw).await?;
    match check(raw, &context) {
        Ok(checked) if checked.batch.bars.is_empty() => {
            reading(Err("it has no bars".to_owned()), checked.batch.rejected)
        }
        Ok(checked) => {
            let rejected = checked.batch.rejected.clone();
            reading(Ok(checked.batch), rejected)
        }
        Err(changed) => reading(Err(changed.reason), changed.rejected),
    }
}

/// As for an answer that comes in now, but for the newest final session, which is that of its time.
async fn context(
    database: &Database,
    company: &Company,
    query: &BarQuery,
    raw: &RawBatch,
) -> Result<CheckContext, TaskError> {
    let connection = database.connection();
    let stored = bars::read(connection, &company.company_id, raw.vouched).await?;
    let previous_close = if stored.is_empty() {
        bars::last_close_before(connection, &company.company_id, query.days.from).await?
    } else {
        None
    };
    Ok(CheckContext { market: query.market, newest_final: query.newest_final, previous_close })
}
