//! Stooq's CSV download: `/q/d/l/?s=1101.jp&d1=20240101&d2=20241231&i=d`.
//!
//! ASCII, CRLF, ascending, both ends included. Adjusted for splits, and for the series' dividends where it has any,
//! volume too. A session without trade has no row, a missing volume makes a row of five fields, and the day's row
//! comes after the close.

use std::fmt::Write;

use chrono::NaiveDate;

use super::page::{CSV, Page, Parameters, TEXT};
use super::server::Asked;
use super::state::View;
use crate::stock::bar::Bar;
use crate::stock::calendar::Market;

pub(super) const NAME: &str = "stooq";
/// The body under status 200 when a client has asked too often.
pub(super) const LIMIT: &str = "Exceeded the daily hits limit";

const NO_DATA: &str = "No data";
const HEADER: &str = "Date,Open,High,Low,Close,Volume\r\n";

pub(super) fn asked(parameters: &Parameters) -> Asked {
    let symbol = parameters.get("s").map_or("", String::as_str).to_ascii_uppercase();
    let (code, suffix) = symbol.rsplit_once('.').unwrap_or((&symbol, ""));
    let market = match suffix {
        "JP" => Some(Market::Tokyo),
        "US" => Some(Market::NewYork),
        _ => None,
    };
    Asked { code: code.to_owned(), market }
}

pub(super) fn page(view: Option<View<'_>>, parameters: &Parameters) -> Page {
    let daily = parameters.get("i").is_none_or(|interval| interval == "d");
    let day = |name: &str| parameters.get(name).and_then(|text| NaiveDate::parse_from_str(text, "%Y%m%d").ok());
    let (from, to) = (day("d1").unwrap_or(NaiveDate::MIN), day("d2").unwrap_or(NaiveDate::MAX));
    let (mut body, mut rows) = (String::from(HEADER), Vec::new());
    if let Some(view) = view.filter(|_| daily) {
        let published = |bar: &&Bar| !(view.in_session && bar.date == view.as_of);
        let bars = view.total_return_bars();
        for bar in bars.iter().filter(published).filter(|bar| from <= bar.date && bar.date <= to) {
            if push(&mut body, bar) {
                rows.push(*bar);
            }
        }
    }
    if body == HEADER { Page::ok(TEXT, NO_DATA) } else { Page::ok(CSV, body).with_rows(&rows) }
}

/// False for a session without trade.
fn push(body: &mut String, bar: &Bar) -> bool {
    let (Some(open), Some(high), Some(low), Some(close)) = (bar.open, bar.high, bar.low, bar.close) else {
        return false;
    };
    // Writing to a string cannot fail.
    let _ = write!(body, "{},{open},{high},{low},{close}", bar.date);
    if let Some(volume) = bar.volume {
        let _ = write!(body, ",{volume}");
    }
    body.push_str("\r\n");
    true
}
