//! `GET /companies/search`: companies by parts of their names, by their codes, or by both.
//!
//! The names are compared here and not in SQL, so that width and case are folded alike whatever the database is: the
//! master of a whole market is read in some milliseconds.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

use super::{
    StockApi,
    companies::{CompaniesDocument, Paging, answer_page},
    format::Format,
};
use crate::{
    http::{Answer, Problem, QueryParams, Reader, openapi::schema::ListFormat, plain_text},
    stock::{bar::StockCode, company::Company, store},
    told,
};

/// The longest list of a parameter, in characters.
const LONGEST: usize = 2_000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Parts of names separated by commas: a company whose name has any of them. Upper and lower case are the same, as
    /// are full and half width.
    #[param(
        example = "トヨタ,kddi",
        max_length = 2000,
        pattern = r"^[^\u0000-\u0008\u000B-\u001F\u007F-\u009F]*[^\s,\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B-\u001F\u007F-\u009F]*$"
    )]
    company_name: Option<String>,
    /// Stock codes separated by commas: the companies that have one of them. With `companyName` both have to fit.
    #[param(
        example = "7203,9433",
        max_length = 2000,
        pattern = "^ *\\^?[0-9A-Za-z.-]{1,15} *(, *\\^?[0-9A-Za-z.-]{1,15} *)*$"
    )]
    stock_code: Option<String>,
    /// As many companies at most, 1 to 500. Without it all that fit.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, example = 100)]
    limit: Option<String>,
    /// `nextCursor` of the page before. Without it the first page.
    #[param(example = "0100")]
    cursor: Option<String>,
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

/// Companies by parts of their names, by their codes, or by both.
///
/// Written and paged as the list of all.
#[utoipa::path(
    get,
    path = "/companies/search",
    tag = "companies",
    operation_id = "searchCompanies",
    params(Query),
    responses(
        (status = 200, description = "The companies that fit, by their ids", body = CompaniesDocument, headers(("next-cursor" = String, description = "Where the next page begins, where there is one"))),
        (status = 304, description = "As the `ETag` sent: nothing has changed"),
    )
)]
pub(super) async fn search(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of_list(query.format.as_deref(), &headers)?;
    let paging = Paging::read(query.limit.as_deref(), query.cursor.as_deref())?;
    let wanted = Wanted::read(query.company_name.as_deref(), query.stock_code.as_deref())?;
    let companies = store::companies::after(api.database.connection(), paging.after.as_ref(), None).await?;
    let found = companies.into_iter().filter(|company| wanted.fits(company));
    let most = paging.most().map_or(usize::MAX, |most| most as usize);
    answer_page(&api, format, &headers, &paging, found.take(most).collect())
}

/// What is searched for; an empty list is not asked.
struct Wanted {
    /// Folded.
    names: Vec<String>,
    codes: Vec<StockCode>,
}

impl Wanted {
    fn read(names: Option<&str>, codes: Option<&str>) -> Answer<Self> {
        let names = names.map(parts).transpose()?.unwrap_or_default();
        let code = |text: &str| StockCode::parse(text.trim()).map_err(|error| Problem::bad_request("stockCode", error));
        let codes = codes.into_iter().flat_map(|codes| codes.split(',')).map(code).collect::<Answer<Vec<_>>>()?;
        if names.is_empty() && codes.is_empty() {
            return Err(nothing());
        }
        Ok(Self { names, codes })
    }

    fn fits(&self, company: &Company) -> bool {
        let name = fold(&company.company_name);
        (self.names.is_empty() || self.names.iter().any(|part| name.contains(part.as_str())))
            && (self.codes.is_empty() || self.codes.contains(&company.stock_code))
    }
}

/// The parts of a list of names, those that are not empty, folded. There is one at least.
fn parts(list: &str) -> Answer<Vec<String>> {
    plain_text(list, LONGEST).map_err(|reason| Problem::bad_request("companyName", reason))?;
    let parts: Vec<_> = list.split(',').map(str::trim).filter(|part| !part.is_empty()).map(fold).collect();
    if parts.is_empty() { Err(nothing()) } else { Ok(parts) }
}

fn nothing() -> Problem {
    let message = told!(
        "nothing is searched for; give parts of names as companyName, or codes as stockCode",
        "検索条件がありません。companyName に企業名の一部、または stockCode に銘柄コードを指定してください"
    );
    Problem::bad_request("companyName", message)
}

/// As names are compared: compatible characters as one (NFKC: `ＫＤＤＩ` is `KDDI`, `ﾄﾖﾀ` is `トヨタ`), in lower case.
fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_case_make_no_difference() {
        for (name, part) in
            [("ＫＤＤＩ", "kddi"), ("トヨタ自動車", "ﾄﾖﾀ"), ("ドコモ", "ﾄﾞｺﾓ"), ("Sony　Group", "sony group")]
        {
            assert!(fold(name).contains(&fold(part)), "{name} {part}");
        }
        assert!(!fold("トヨタ").contains(&fold("とよた")));
    }

    #[test]
    fn nothing_to_search_for_and_impossible_codes_are_refused() {
        for (names, codes) in [(None, None), (Some(""), None), (Some(" , "), Some(",")), (None, Some("72 03"))] {
            assert!(Wanted::read(names, codes).is_err(), "{names:?} {codes:?}");
        }
        assert!(Wanted::read(Some("%"), None).is_ok());
        assert!(Wanted::read(Some("a\0"), None).is_err());
        assert!(Wanted::read(Some(&"x".repeat(2_001)), None).is_err());
    }
}
