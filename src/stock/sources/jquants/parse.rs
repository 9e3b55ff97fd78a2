//! From records to a batch. Pure.

use chrono::NaiveDate;

use super::code;
use super::page::{Page, Reply, Unreadable, page};
use super::record::BarRecord;
use crate::crawl::answer::{Answer, Refusal};
use crate::stock::bar::{Days, RawBatch};
use crate::stock::sources::batch::{Read, settle};
use crate::stock::sources::body::{blocked, schema_changed, snippet};
use crate::stock::sources::{BarQuery, SourceName};

/// Reads an answer of a single page by itself: one with further pages is read as far as it goes.
///
/// # Errors
/// A [`Refusal`] when the answer says that, or is in no known shape.
pub fn parse(status: u16, body: &[u8], query: &BarQuery) -> Result<Answer<RawBatch>, Refusal> {
    let Some(code) = code::theirs(&query.code) else { return Ok(Answer::UnknownSymbol) };
    let Some(days) = query.final_days() else { return Ok(Answer::NoNewData) };
    match page::<BarRecord>(status, body)? {
        Answer::Data(Reply::Page(Page { records, unreadable, .. })) => {
            all_of(&records, &code)?;
            Ok(batch(query, days, &records, unreadable))
        }
        Answer::Data(Reply::Covers(days)) => Err(blocked(format!("the plan covers {} to {} only", days.from, days.to))),
        Answer::Data(Reply::NotInPlan(reason)) => Err(blocked(reason)),
        _ => Err(schema_changed("the answer would be too large")),
    }
}

/// An answer about something else is no answer.
pub(super) fn all_of(records: &[BarRecord], code: &str) -> Result<(), Refusal> {
    match records.iter().find(|record| record.code != code) {
        Some(other) => Err(schema_changed(format!("asked for {code}, answered for {}", snippet(&other.code)))),
        None => Ok(()),
    }
}

/// What the records of one issue on these days come to. A session without trades has a record of nulls, so a session
/// without any is not published yet, or the issue is not listed on it: only what lies between the first record and
/// the last is vouched for.
pub(super) fn batch(
    query: &BarQuery,
    days: Days,
    records: &[BarRecord],
    unreadable: Vec<Unreadable>,
) -> Answer<RawBatch> {
    let dates = || records.iter().map(|record| record.date);
    let mut read = Read { oldest: dates().min(), ..Read::default() };
    read.rows.extend(records.iter().map(BarRecord::row));
    read.unreadable.extend(unreadable.into_iter().map(Into::into));
    for split in records.iter().filter_map(BarRecord::split) {
        match split {
            Ok(split) => read.splits.push(split),
            Err(rejection) => read.unreadable.push(rejection),
        }
    }
    let last: Option<NaiveDate> = dates().chain(read.unreadable.iter().filter_map(|record| record.date)).max();
    let asked = BarQuery { days, ..query.clone() };
    let mut answer = settle(SourceName::Jquants, &asked, read);
    if let (Answer::Data(batch), Some(last)) = (&mut answer, last)
        && query.calendar.next_session_after(last) <= batch.vouched.to
    {
        batch.vouched.to = last.max(batch.vouched.from);
    }
    answer
}
