//! Classifies and reads a CSV answer. Pure.

use super::{refused, row};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::raw_answer::require_ok;
use crate::stock::bar::RawBatch;
use crate::stock::sources::batch::{Read, settle};
use crate::stock::sources::body::{mentions, schema_changed, snippet};
use crate::stock::sources::{BarQuery, SourceName};

/// In this order, in English and in Polish, with Polish letters or without; the volume may be absent.
pub(in crate::stock::sources) const HEADERS: [[&str; 6]; 3] = [
    ["date", "open", "high", "low", "close", "volume"],
    ["data", "otwarcie", "najwyzszy", "najnizszy", "zamkniecie", "wolumen"],
    ["data", "otwarcie", "najwyższy", "najniższy", "zamknięcie", "wolumen"],
];

/// `No data` is said of an unknown symbol and of a range without sessions alike. No range of so many days
/// is without sessions, so from here on it means that the symbol is unknown.
const SURELY_WITH_SESSIONS: i64 = 30;

/// # Errors
/// A [`Refusal`] when the answer says that, or is in no known shape.
pub fn parse(status: u16, body: &[u8], query: &BarQuery) -> Result<Answer<RawBatch>, Refusal> {
    require_ok(status).map_err(refused::status)?;
    let text = String::from_utf8_lossy(body);
    match after_the_header(&text) {
        Some(lines) => bars(lines, query),
        None => without_bars(&text, query),
    }
}

/// Everything after the header, which PHP's warnings may precede.
fn after_the_header(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}');
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        if is_header(line) {
            return Some(after);
        }
        rest = after;
    }
    None
}

fn is_header(line: &str) -> bool {
    let names: Vec<_> = line.trim().split(',').map(|name| name.trim().to_lowercase()).collect();
    HEADERS.iter().any(|header| names == header[..] || names == header[..5])
}

fn without_bars(text: &str, query: &BarQuery) -> Result<Answer<RawBatch>, Refusal> {
    if let Some(refusal) = refused::phrase(text) {
        return Err(refusal);
    }
    if !text.contains('<') && mentions(text, &["no data", "brak danych"]) {
        let asked = query.final_days().map_or(0, |days| (days.to - days.from).num_days() + 1);
        return Ok(if asked >= SURELY_WITH_SESSIONS { Answer::UnknownSymbol } else { Answer::NoNewData });
    }
    Err(refused::no_bars(text))
}

/// Stooq ends every line, the last one too. A last line without an end is an answer cut in the middle, and
/// what is left of it may look whole: a price or a volume short of its last digits.
fn bars(lines: &str, query: &BarQuery) -> Result<Answer<RawBatch>, Refusal> {
    if !lines.is_empty() && !lines.ends_with('\n') {
        let cut = lines.lines().next_back().unwrap_or_default();
        return Err(refused::phrase(cut)
            .unwrap_or_else(|| schema_changed(format!("cut in the middle of the row {}", snippet(cut)))));
    }
    let mut read = Read::default();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        match row::read(line.trim_end()) {
            Ok(row) => read.rows.push(row),
            Err(rejection) => match refused::phrase(line) {
                Some(refusal) => return Err(refusal),
                None => read.unreadable.push(rejection),
            },
        }
    }
    Ok(settle(SourceName::Stooq, query, read))
}
