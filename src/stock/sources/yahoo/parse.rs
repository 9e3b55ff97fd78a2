//! Classifies and reads a chart answer. Pure.

use chrono::{DateTime, FixedOffset, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

use super::price::as_quoted;
use super::symbol;
use super::wire::{Column, Envelope, Fault, Meta, Quote, Series, SplitEvent};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::raw_answer::require_ok;
use crate::stock::bar::{Bar, RawBatch, Rejection, Row, Split};
use crate::stock::sources::batch::{Read, settle};
use crate::stock::sources::body::{blocked, is_html, mentions, schema_changed, snippet};
use crate::stock::sources::{BarQuery, SourceName};

/// # Errors
/// A [`Refusal`] when the answer says that, or is in no known shape.
pub fn parse(status: u16, body: &[u8], query: &BarQuery) -> Result<Answer<RawBatch>, Refusal> {
    let chart = match serde_json::from_slice::<Envelope>(body) {
        Ok(envelope) => envelope.chart,
        Err(error) => return Err(no_chart(status, body, &error)),
    };
    if let Some(fault) = chart.error {
        return faulty(status, &fault);
    }
    require_ok(status)?;
    let mut results = chart.result.unwrap_or_default().into_iter();
    let series = results.next().ok_or_else(|| schema_changed("neither a result nor an error"))?;
    read(series, query)
}

/// What came is not the JSON of a chart.
fn no_chart(status: u16, body: &[u8], error: &serde_json::Error) -> Refusal {
    let text = String::from_utf8_lossy(body);
    if mentions(&text, &["too many requests"]) {
        return Refusal::QuotaExceeded { retry_after: None, reason: snippet(&text) };
    }
    if let Err(refusal) = require_ok(status) {
        return refusal;
    }
    if is_html(&text) {
        return blocked(format!("a page instead of JSON: {}", snippet(&text)));
    }
    match text.trim() {
        "" => schema_changed("an empty body"),
        text => schema_changed(format!("no chart in JSON ({error}): {}", snippet(text))),
    }
}

/// Errors in the answer itself. "May be delisted" is said of every symbol without data, so it does not
/// tell a delisted one from one that never was.
fn faulty(status: u16, fault: &Fault) -> Result<Answer<RawBatch>, Refusal> {
    let text = snippet(&format!("{}: {}", fault.code, fault.description));
    if mentions(&text, &["data doesn't exist for startdate"]) {
        return Ok(Answer::NoNewData);
    }
    match fault.code.to_ascii_lowercase().as_str() {
        "not found" => Ok(Answer::UnknownSymbol),
        "unauthorized" | "forbidden" => Err(blocked(text)),
        "too many requests" => Err(Refusal::QuotaExceeded { retry_after: None, reason: text }),
        "internal server error" | "internal-error" | "internal_server_error" => Err(Refusal::Server { status: 500 }),
        _ => Err(schema_changed(format!("status {status}, {text}"))),
    }
}

fn read(series: Series, query: &BarQuery) -> Result<Answer<RawBatch>, Refusal> {
    let zone = agreed_zone(&series.meta, query)?;
    let Some(stamps) = series.timestamp else { return Ok(Answer::NoNewData) };
    let quote = series.indicators.quote.into_iter().next().unwrap_or_default();
    let columns = Columns::of(quote, stamps.len())?;
    let mut read = Read::default();
    for (index, stamp) in stamps.iter().enumerate() {
        match zone.day(*stamp) {
            Some(date) => read.rows.push(columns.row(index, date)),
            None => read.unreadable.push(Rejection {
                date: None,
                bar: None,
                raw: columns.raw(index, &stamp.to_string()),
                reason: format!("{stamp} is no instant"),
                decided: None,
            }),
        }
    }
    keep_the_later_of_the_last_day(&mut read.rows);
    let splits = series.events.unwrap_or_default().splits.unwrap_or_default();
    for event in splits.values() {
        match split(event, zone) {
            Ok(split) => read.splits.push(split),
            Err(rejection) => read.unreadable.push(rejection),
        }
    }
    Ok(settle(SourceName::Yahoo, query, read))
}

/// The zone the stamps are read in, once the answer is about what was asked.
fn agreed_zone(meta: &Meta, query: &BarQuery) -> Result<Zone, Refusal> {
    let asked = symbol(&query.code, query.market());
    if let Some(symbol) = meta.symbol.as_ref().filter(|symbol| !symbol.eq_ignore_ascii_case(&asked)) {
        return Err(schema_changed(format!("asked for {asked}, answered for {}", snippet(symbol))));
    }
    // long ranges are answered by the week or the month, whatever interval was asked for
    if let Some(step) = meta.data_granularity.as_ref().filter(|step| *step != "1d") {
        return Err(schema_changed(format!("asked for days, answered in steps of {}", snippet(step))));
    }
    let named = meta.exchange_timezone_name.as_ref().and_then(|name| name.parse::<Tz>().ok());
    let fixed = meta.gmtoffset.and_then(FixedOffset::east_opt);
    match (named, fixed) {
        (Some(zone), _) if zone == query.market().zone() => Ok(Zone::Named(zone)),
        (Some(zone), _) => Err(schema_changed(format!("{asked} trades in the zone {zone}, another market"))),
        (None, Some(offset)) => Ok(Zone::Fixed(offset)),
        (None, None) => Err(schema_changed("the exchange's zone is missing")),
    }
}

#[derive(Clone, Copy)]
enum Zone {
    Named(Tz),
    Fixed(FixedOffset),
}

impl Zone {
    /// The trading day of a stamp: the session's open, or for the last bar its close.
    fn day(self, stamp: i64) -> Option<NaiveDate> {
        let utc = DateTime::from_timestamp(stamp, 0)?.naive_utc();
        let offset = match self {
            Self::Named(zone) => zone.offset_from_utc_datetime(&utc).fix(),
            Self::Fixed(offset) => offset,
        };
        utc.checked_add_offset(offset).map(|local| local.date())
    }
}

/// While a session is fresh its row comes twice: from the daily table and, last, from the ticker. They
/// differ slightly in volume, and the last is the one the site shows (yfinance drops the other as well).
fn keep_the_later_of_the_last_day(rows: &mut Vec<Row>) {
    if let [.., daily, ticker] = rows.as_slice()
        && daily.bar.date == ticker.bar.date
        && ticker.bar.close.is_some()
    {
        let _ = rows.remove(rows.len() - 2);
    }
}

fn split(event: &SplitEvent, zone: Zone) -> Result<Split, Rejection> {
    let raw = format!("split,{},{}:{}", event.date, event.numerator, event.denominator);
    let ratio = event.numerator / event.denominator;
    match zone.day(event.date) {
        Some(date) if ratio.is_finite() && ratio > 0.0 => Ok(Split { date, ratio }),
        date => {
            let reason = "no split that can be applied".to_owned();
            Err(Rejection { date, bar: None, raw, reason, decided: None })
        }
    }
}

/// The arrays of a quote, each as long as the stamps.
struct Columns {
    prices: [Column; 4],
    volume: Column,
}

impl Columns {
    fn of(quote: Quote, length: usize) -> Result<Self, Refusal> {
        let column = |name: &str, column: Option<Column>| match column {
            Some(column) if column.len() == length => Ok(column),
            Some(column) => Err(schema_changed(format!("{length} stamps, but {} values of {name}", column.len()))),
            None if length == 0 => Ok(Column::new()),
            None => Err(schema_changed(format!("{length} stamps, but no {name}"))),
        };
        // an index may have no volume at all
        let volume = quote.volume.or_else(|| Some(vec![None; length]));
        Ok(Self {
            prices: [
                column("open", quote.open)?,
                column("high", quote.high)?,
                column("low", quote.low)?,
                column("close", quote.close)?,
            ],
            volume: column("volume", volume)?,
        })
    }

    fn row(&self, index: usize, date: NaiveDate) -> Row {
        let [open, high, low, close] =
            [0, 1, 2, 3].map(|column: usize| value(&self.prices[column], index).map(as_quoted));
        let bar = Bar { date, open, high, low, close, volume: value(&self.volume, index) };
        Row { bar, raw: self.raw(index, &date.to_string()) }
    }

    /// `date,open,high,low,close,volume` with the numbers as they came.
    fn raw(&self, index: usize, date: &str) -> String {
        let columns = self.prices.iter().chain([&self.volume]);
        let numbers = columns.map(|column| value(column, index).map_or_else(String::new, |number| number.to_string()));
        std::iter::once(date.to_owned()).chain(numbers).collect::<Vec<_>>().join(",")
    }
}

fn value(column: &Column, index: usize) -> Option<f64> {
    column.get(index).copied().flatten()
}
