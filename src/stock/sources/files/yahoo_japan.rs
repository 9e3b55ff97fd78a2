//! Yahoo! JAPAN's CSV: prices and volume as traded, and a close adjusted for the splits since. Each row is brought to
//! that close, so that the series has the basis the others have.

use std::borrow::Cow;

use super::form::{Columns, Form, Header};
use super::layout::Layout;
use crate::stock::bar::Basis;

/// In Japanese as downloaded, and in the English of tools; the mistyped name tells these from Yahoo's own.
const HEADERS: [[&str; 7]; 3] = [
    ["日付", "始値", "高値", "安値", "終値", "出来高", "調整後終値"],
    ["日付", "始値", "高値", "安値", "終値", "出来高", "調整後終値*"],
    ["date", "open", "hight", "low", "close", "volume", "adj close"],
];

/// Known only to whoever names the layout: Yahoo has had other files with this header.
const NAMED: [&str; 7] = ["date", "open", "high", "low", "close", "volume", "adj close"];

pub(super) fn recognise(cells: &[Cow<'_, str>], named: bool) -> Option<Form> {
    let header = Header::new(cells);
    let known = HEADERS.iter().any(|names| header.is(names)) || (named && header.is(&NAMED));
    let columns = Columns { date: 0, prices: [1, 2, 3, 4], volume: Some(5), adjusted: Some(6), ..Columns::default() };
    known.then(|| Form::new(Layout::YahooJapan, Basis::Split, columns, header.len()))
}
