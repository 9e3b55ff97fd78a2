//! One company's archived fetches, read again.

use chrono::{DateTime, NaiveDate, Utc};
use tokio_util::sync::CancellationToken;

use super::job::Replayed;
use crate::{
    crawl::{Answer, Refusal, archive::ArchivedFetch, store::answers},
    db::Database,
    jobs::TaskError,
    stock::{
        bar::{BarBatch, RawBatch, Rejection},
        calendar::Calendar,
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
    (company, calendar): (&Company, &Calendar),
    fetch: &ArchivedFetch,
    cancel: &CancellationToken,
) -> Result<Option<Reading>, TaskError> {
    let query = BarQuery::of_subject(&fetch.subject).filter(|query| query.market() == calendar.market());
    // A day is judged by what is known of it now.
    let Some(query) = query.map(|query| BarQuery { calendar: calendar.clone(), ..query }) else { return Ok(None) };
    let recording = answers::recording(database.connection(), &fetch.id).await?;
    let Some(over) = (source.over)(recording) else { return Ok(None) };
    let reading = |bars, rejected| Ok(Some(Reading { at: fetch.at, bars, rejected }));
    let raw = match over.fetch(&query, cancel).await {
        Ok(Answer::Data(raw)) => raw,
        Ok(_) => return reading(Err("it has no bars".to_owned()), Vec::new()),
        Err(Refusal::Cancelled) => return Err(TaskError::Cancelled),
        Err(refusal) => return reading(Err(refusal.to_string()), Vec::new()),
    };
    // The newest final session is that of its time.
    let newest_final = query.newest_final;
    let previous_close = previous_close(database, company, &query, &raw).await?;
    match check(raw, &CheckContext { calendar, newest_final, previous_close }) {
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

/// The last close before what is stored begins, as for an answer that comes in now.
async fn previous_close(
    database: &Database,
    company: &Company,
    query: &BarQuery,
    raw: &RawBatch,
) -> Result<Option<(NaiveDate, f64)>, TaskError> {
    let connection = database.connection();
    let stored = bars::read(connection, &company.company_id, raw.vouched).await?;
    if !stored.is_empty() {
        return Ok(None);
    }
    Ok(bars::last_close_before(connection, &company.company_id, query.days.from).await?)
}
