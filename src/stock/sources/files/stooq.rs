//! One company's CSV from Stooq. Adjusted for splits and dividends; the volume may be absent, also as a field.

use std::borrow::Cow;

use super::form::{Columns, Form, Header};
use super::layout::Layout;
use crate::stock::bar::Basis;
use crate::stock::sources::stooq::HEADERS;

pub(super) fn recognise(cells: &[Cow<'_, str>]) -> Option<Form> {
    let header = Header::new(cells);
    let known = HEADERS.iter().any(|names| header.is(names) || header.is(&names[..5]));
    // Our own layout has the same names in lower case.
    let capital = cells.first().is_some_and(|cell| cell.starts_with(|c: char| c.is_uppercase()));
    let columns = Columns { date: 0, prices: [1, 2, 3, 4], volume: Some(5), ..Columns::default() };
    let form = Form { width: (5, 6), ..Form::new(Layout::Stooq, Basis::SplitDividend, columns, 6) };
    (known && capital).then_some(form)
}
