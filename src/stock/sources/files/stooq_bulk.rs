//! The text files of Stooq's bulk archives: a ticker in each row, with a header or without. Adjusted for splits and
//! dividends.

use std::borrow::Cow;

use super::form::{Columns, Form, Header};
use super::layout::Layout;
use super::symbol;
use crate::stock::bar::Basis;

const HEADER: [&str; 10] = ["ticker", "per", "date", "time", "open", "high", "low", "close", "vol", "openint"];

pub(super) fn recognise(cells: &[Cow<'_, str>]) -> Option<Form> {
    let bare: Vec<Cow<'_, str>> = cells.iter().map(|cell| cell.trim_matches(['<', '>']).into()).collect();
    let header = Header::new(&bare);
    let headed = header.is(&HEADER) || header.is(&HEADER[..9]);
    let headless = !headed && is_row(cells);
    let columns = Columns {
        date: 2,
        prices: [4, 5, 6, 7],
        volume: Some(8),
        code: Some(0),
        period: Some(1),
        ..Columns::default()
    };
    let form = Form::new(Layout::StooqBulk, Basis::SplitDividend, columns, cells.len());
    (headed || headless).then_some(Form { symbol: symbol::with_suffix, headless, ..form })
}

/// `7203.JP,D,20240104,000000,…`
fn is_row(cells: &[Cow<'_, str>]) -> bool {
    let digits = |at: usize, count: usize| cells[at].len() == count && cells[at].bytes().all(|b| b.is_ascii_digit());
    (9..=10).contains(&cells.len()) && cells[1].len() <= 3 && digits(2, 8) && (digits(3, 6) || cells[3].is_empty())
}
