//! What the domain's parameters and members may be, each described once and exactly as it is read.

use std::borrow::Cow;

use serde_json::json;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        path::{Parameter, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

use super::{code::CodeInPath, quarantine::RowInPath};
use crate::{
    described,
    http::openapi::{
        in_path,
        schema::{Id, words},
    },
    stock::{
        bar::{Basis, CompanyId, StockCode},
        calendar::Market,
        company::CompanyStatus,
        sources::files::Layout,
        store::quarantine::State,
    },
};

/// A text of a form.
pub(super) fn text(pattern: &str, longest: usize, example: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).max_length(Some(longest));
    text.examples([json!(example)]).into()
}

/// A company's name and its market's segment, without control characters.
pub(super) enum CompanyName {}
pub(super) enum Segment {}
/// A code of Tokyo's exchange, or of an index.
pub(super) enum TokyoCode {}
/// The code of a country whose sessions are known.
pub(super) enum Country {}

/// Text with something in it, as `fields::company_name` reads it; blanks around it are taken off.
const LINE: &str = r"^[^\u0000-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u001F\u007F-\u009F]*$";

/// As [`StockCode::is_tokyo`] has it, in capital or small letters.
const TOKYO: &str = concat!(
    r"^(\^[A-Za-z0-9.\-]{1,15}|[1-9][0-9ACDFGHJKLMNPRSTUWXYacdfghjklmnprstuwxy][0-9]",
    r"[0-9ACDFGHJKLMNPRSTUWXYacdfghjklmnprstuwxy][1-9]?)$"
);

described!(
    CompanyName => text(LINE, 256, "トヨタ自動車"),
    Segment => text(LINE, 32, "プライム"),
    TokyoCode => text(TOKYO, 16, "7203"),
    Country => words(Market::ALL.map(Market::country)),
    StockCode => text(r"^(\^[A-Za-z0-9.\-]{1,15}|[A-Za-z0-9.\-]{1,16})$", 16, "7203"),
    CompanyId => text(r"^[A-Za-z0-9._\-]{1,16}$", 16, "0003"),
    CompanyStatus => words(CompanyStatus::ALL.map(CompanyStatus::as_str)),
    Basis => words([Basis::Split, Basis::SplitDividend].map(Basis::as_str)),
    Layout => words(Layout::ALL.map(Layout::as_str)),
);

impl PartialSchema for State {
    fn schema() -> RefOr<Schema> {
        words(Self::ALL.map(Self::as_str))
    }
}

impl ToSchema for State {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("QuarantineState")
    }
}

impl IntoParams for CodeInPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        in_path::<StockCode>("stockCode", "A stock code, such as 7203 or 130A; `GET /api/v1/companies` lists them.")
    }
}

impl IntoParams for RowInPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        in_path::<Id>("id", "The id of a row of the quarantine.")
    }
}
