//! Classifies and reads an answer. Pure.
//!
//! The history: `Date,USD,JPY,…,` and rows such as `2026-11-20,1.1,N/A,…,`, newest first. The newest day alone: the
//! same with blanks, and the date as `20 November 2026`. Both end their lines with a comma.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::archive::{csv, schema_changed};
use crate::{
    crawl::{Answer, Refusal, raw_answer::require_ok},
    fx::rate::{Currency, Days, Rate, RawRates, Rejection},
    settings::iso_day,
};

/// What stands where a currency has no rate.
const NONE: [&str; 3] = ["N/A", "", "-"];

/// # Errors
/// A [`Refusal`] when the answer is in no known shape.
pub fn parse(status: u16, body: &[u8], days: Days) -> Result<Answer<RawRates>, Refusal> {
    require_ok(status)?;
    read(&csv(body)?, days)
}

/// The same for the CSV out of the archive.
///
/// # Errors
/// As [`parse`].
pub fn read(text: &str, days: Days) -> Result<Answer<RawRates>, Refusal> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    let currencies = currencies(lines.next().unwrap_or_default())?;
    let (mut raw, mut newest) = (RawRates::default(), None);
    for line in lines {
        match row(line, &currencies, &mut raw) {
            Ok(date) => newest = newest.max(Some(date)),
            Err(rejection) => raw.unreadable.push(rejection),
        }
    }
    if raw.rates.is_empty() && raw.unreadable.is_empty() {
        return Err(schema_changed("a CSV without rates"));
    }
    // Every file of the ECB's ends with the newest day published.
    Ok(if newest.is_some_and(|newest| newest < days.from) { Answer::NoNewData } else { Answer::Data(raw) })
}

/// The currencies of the columns after the date.
fn currencies(header: &str) -> Result<Vec<Currency>, Refusal> {
    let mut names = fields(header);
    if names.next() != Some("Date") {
        return Err(schema_changed(format!("the CSV begins with {:?} instead of Date", short(header))));
    }
    let currencies: Vec<Currency> = names
        .map(|name| Currency::parse(name).map_err(|error| schema_changed(format!("a column of the CSV: {error}"))))
        .collect::<Result<_, _>>()?;
    let different: BTreeSet<&Currency> = currencies.iter().collect();
    if currencies.is_empty() || different.len() < currencies.len() {
        return Err(schema_changed(format!("{} columns for {} currencies", currencies.len(), different.len())));
    }
    Ok(currencies)
}

/// Adds the rates of a row, and gives its day.
fn row(line: &str, currencies: &[Currency], raw: &mut RawRates) -> Result<NaiveDate, Rejection> {
    let rejection =
        |date: Option<NaiveDate>, reason: String| Rejection { currency: None, date, raw: short(line), reason };
    let mut fields = fields(line);
    let day = fields.next().and_then(date).ok_or_else(|| rejection(None, "the date cannot be read".to_owned()))?;
    let values: Vec<&str> = fields.collect();
    if values.len() != currencies.len() {
        let reason = format!("{} values for {} currencies", values.len(), currencies.len());
        return Err(rejection(Some(day), reason));
    }
    for (currency, text) in currencies.iter().zip(values).filter(|(_, text)| !NONE.contains(text)) {
        match text.parse() {
            Ok(rate) => raw.rates.push(Rate { currency: *currency, date: day, rate }),
            Err(_) => raw.unreadable.push(Rejection {
                currency: Some(*currency),
                date: Some(day),
                raw: short(text),
                reason: "no number".to_owned(),
            }),
        }
    }
    Ok(day)
}

/// The fields of a line without the blanks around them and without the last comma.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    let line = line.trim();
    line.strip_suffix(',').unwrap_or(line).split(',').map(str::trim)
}

fn date(text: &str) -> Option<NaiveDate> {
    iso_day(text).or_else(|| NaiveDate::parse_from_str(text, "%d %B %Y").ok())
}

/// The beginning of what the source gave, for a person to read.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
