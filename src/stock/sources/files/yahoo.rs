//! Yahoo Finance's CSV and what yfinance writes, with one line of header or three. Prices are adjusted for splits;
//! where there is no `Adj Close`, yfinance has adjusted all of them for dividends as well.

use std::borrow::Cow;
use std::io::Read;

use super::cells::cells;
use super::day::Spelling;
use super::error::FileError;
use super::form::{Columns, Form, Header};
use super::layout::Layout;
use super::lines::Lines;
use super::symbol::{self, Symbol};
use crate::stock::bar::Basis;
use crate::stock::sources::yahoo::price::as_quoted;
use crate::told;
use crate::told::Told;

const DATES: [&str; 3] = ["date", "datetime", "price"];
const KNOWN: [&str; 13] = [
    "date",
    "datetime",
    "price",
    "open",
    "high",
    "low",
    "close",
    "adj close",
    "volume",
    "dividends",
    "stock splits",
    "capital gains",
    "repaired?",
];

/// Until 2017 Yahoo gave prices as traded under these names, and later files in this order have adjusted ones: nobody
/// can tell which.
const DOUBTFUL: [&str; 7] = ["date", "open", "high", "low", "close", "volume", "adj close"];

pub(super) fn recognise(cells: &[Cow<'_, str>]) -> Option<Form> {
    let header = Header::new(cells);
    let date = DATES.iter().position(|name| header.at(name) == Some(0))?;
    let three_lines = DATES[date] == "price";
    let plain = header.has("adj close");
    let marked = plain || three_lines || header.has("dividends") || header.has("stock splits");
    if !marked || !header.only(&KNOWN) || header.is(&DOUBTFUL) {
        return None;
    }
    let columns = Columns {
        date: 0,
        prices: header.prices(["open", "high", "low", "close"])?,
        volume: Some(header.at("volume")?),
        split: header.at("stock splits"),
        ..Columns::default()
    };
    let basis = if plain { Basis::Split } else { Basis::SplitDividend };
    let form = Form::new(Layout::Yahoo, basis, columns, header.len());
    Some(Form { spelling: Spelling::Yahoo, price: as_quoted, three_lines, ..form })
}

/// The rest of yfinance's header: the ticker above each column, then the name of the date's.
pub(super) fn rest_of_header<R: Read>(lines: &mut Lines<R>) -> Result<Symbol, FileError> {
    let line = lines.next()?.map(Cow::into_owned).unwrap_or_default();
    let tickers = cells(&line);
    let ticker = tickers.get(1).cloned().unwrap_or_default();
    let number = lines.number();
    let wrong = |reason: Told| FileError::content(reason).at(number);
    if tickers.first().is_none_or(|cell| cell != "Ticker") || ticker.is_empty() {
        return Err(wrong(told!(
            "the second line of yfinance's header is due: Ticker,7203.T,…",
            "yfinance の見出しの 2 行目（Ticker,7203.T,…）がありません"
        )));
    }
    if let Some(other) = tickers[1..].iter().find(|other| **other != ticker) {
        return Err(wrong(told!(
            "columns of {ticker} and {other}: save each company to a file of its own",
            "{ticker} と {other} の列があります。会社ごとに別のファイルに保存してください"
        )));
    }
    let symbol = symbol::with_suffix(&ticker).map_err(wrong)?;
    let line = lines.next()?.map(Cow::into_owned).unwrap_or_default();
    let dates = cells(&line);
    if !dates.first().is_some_and(|cell| *cell == "Date" || *cell == "Datetime") {
        let reason = told!(
            "the third line of yfinance's header is due: Date,,,",
            "yfinance の見出しの 3 行目（Date,,,）がありません"
        );
        return Err(FileError::content(reason).at(lines.number()));
    }
    Ok(symbol)
}
