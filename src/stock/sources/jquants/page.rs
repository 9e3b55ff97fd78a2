//! Classifies and reads one page of any endpoint. Pure.

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refused::{self, covered};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::raw_answer::require_ok;
use crate::stock::bar::Days;
use crate::stock::sources::body::{is_html, schema_changed, snippet};

/// One record in so many may be unreadable before the whole page is, as of an answer's rows.
const BEARABLE: usize = 5;

/// What one request led to.
#[derive(Debug, PartialEq)]
pub(super) enum Reply<T> {
    Page(Page<T>),
    Covers(Days),
    TooLarge,
    NotInPlan(String),
}

#[derive(Debug, PartialEq)]
pub(super) struct Page<T> {
    /// In the order of the answer.
    pub(super) records: Vec<T>,
    pub(super) unreadable: Vec<Unreadable>,
    /// Names the next page.
    pub(super) next: Option<String>,
}

/// A record in no known shape, with as much of it as can be told.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unreadable {
    pub(super) code: Option<String>,
    pub(super) date: Option<NaiveDate>,
    pub(super) raw: String,
    pub(super) reason: String,
}

#[derive(Deserialize)]
struct Envelope {
    data: Option<Vec<Value>>,
    /// Absent on the last page.
    pagination_key: Option<String>,
    message: Option<String>,
}

/// # Errors
/// A [`Refusal`] when the answer says that, or is in no known shape.
pub(super) fn page<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<Answer<Reply<T>>, Refusal> {
    let envelope = serde_json::from_slice::<Envelope>(body);
    let message = match &envelope {
        Ok(envelope) => envelope.message.as_deref().unwrap_or_default(),
        Err(_) => "",
    };
    let reply = match status {
        200 => Reply::Page(read(envelope.map_err(|error| unreadable_body(body, &error))?)?),
        // "No Content (Partial)": outside the hours of an endpoint, or of a code that does not exist
        210 => Reply::Page(Page { records: Vec::new(), unreadable: Vec::new(), next: None }),
        400 => match covered(message) {
            Some(days) => Reply::Covers(days),
            None => return Err(schema_changed(format!("status 400: {}", told(message, body)))),
        },
        401 | 403 if refused::is_about_the_plan(message) => Reply::NotInPlan(snippet(message)),
        401 | 403 => return Err(refused::forbidden(&told(message, body))),
        413 => Reply::TooLarge,
        other => {
            require_ok(other).map_err(|_| schema_changed(format!("status {other}: {}", told(message, body))))?;
            return Err(schema_changed(format!("status {other}")));
        }
    };
    Ok(Answer::Data(reply))
}

fn read<T: DeserializeOwned>(envelope: Envelope) -> Result<Page<T>, Refusal> {
    let Some(data) = envelope.data else {
        let message = envelope.message.unwrap_or_else(|| "neither data nor a message".to_owned());
        return Err(schema_changed(format!("no data: {}", snippet(&message))));
    };
    let total = data.len();
    let mut page = Page { records: Vec::with_capacity(total), unreadable: Vec::new(), next: None };
    for value in data {
        match T::deserialize(&value) {
            Ok(record) => page.records.push(record),
            Err(error) => page.unreadable.push(unreadable(&value, &error)),
        }
    }
    if let Some(first) = page.unreadable.first().filter(|_| page.unreadable.len() * BEARABLE > total) {
        let wrong = page.unreadable.len();
        let reason = format!("{wrong} of {total} records cannot be read; the first: {}", first.reason);
        return Err(schema_changed(reason));
    }
    page.next = envelope.pagination_key.filter(|key| !key.is_empty());
    Ok(page)
}

fn unreadable(value: &Value, error: &serde_json::Error) -> Unreadable {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    Unreadable {
        code: text("Code").map(str::to_owned),
        date: text("Date").and_then(|date| date.parse().ok()),
        raw: value.to_string(),
        reason: error.to_string(),
    }
}

fn unreadable_body(body: &[u8], error: &serde_json::Error) -> Refusal {
    let text = String::from_utf8_lossy(body);
    schema_changed(match text.trim() {
        "" => "an empty body".to_owned(),
        page if is_html(page) => format!("a page instead of JSON: {}", snippet(page)),
        text => format!("no whole answer in JSON ({error}): {}", snippet(text)),
    })
}

/// The message of an answer that is no data, or what stands in its place.
fn told(message: &str, body: &[u8]) -> String {
    if message.is_empty() { snippet(&String::from_utf8_lossy(body)) } else { snippet(message) }
}
