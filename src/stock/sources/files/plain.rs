//! The layout of our own: `stock_code,date,open,high,low,close,volume[,country_code]`, columns in any order. Without
//! `stock_code` the file is one company's. Whoever names the layout may have any other column, which is read over.

use std::borrow::Cow;

use super::form::{Columns, Form, Header};
use super::layout::Layout;
use crate::stock::bar::Basis;

const COLUMNS: [&str; 8] = ["stock_code", "date", "open", "high", "low", "close", "volume", "country_code"];

pub(super) fn recognise(cells: &[Cow<'_, str>], named: bool) -> Option<Form> {
    let header = Header::new(cells);
    let small = cells.iter().all(|cell| **cell == cell.to_lowercase());
    let known = small && header.only(&COLUMNS);
    if !(named || known) {
        return None;
    }
    let columns = Columns {
        date: header.at("date")?,
        prices: header.prices(["open", "high", "low", "close"])?,
        volume: header.at("volume"),
        code: header.at("stock_code"),
        country: header.at("country_code"),
        ..Columns::default()
    };
    Some(Form::new(Layout::Plain, Basis::Split, columns, header.len()))
}
