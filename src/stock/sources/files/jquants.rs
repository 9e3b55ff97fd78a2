//! J-Quants' daily quotes as CSV, of API V1 or V2, any number of companies in one file. The adjusted columns are read.

use std::borrow::Cow;

use super::form::{Columns, Form, Header};
use super::layout::Layout;
use super::symbol;
use crate::stock::bar::Basis;

const V1: [&str; 5] = ["adjustmentopen", "adjustmenthigh", "adjustmentlow", "adjustmentclose", "adjustmentvolume"];
const V2: [&str; 5] = ["adjo", "adjh", "adjl", "adjc", "adjvo"];

pub(super) fn recognise(cells: &[Cow<'_, str>]) -> Option<Form> {
    let header = Header::new(cells);
    [V1, V2].into_iter().find_map(|[open, high, low, close, volume]| {
        let columns = Columns {
            date: header.at("date")?,
            prices: header.prices([open, high, low, close])?,
            volume: Some(header.at(volume)?),
            code: Some(header.at("code")?),
            ..Columns::default()
        };
        let form = Form::new(Layout::Jquants, Basis::Split, columns, header.len());
        Some(Form { symbol: symbol::jquants, ..form })
    })
}
