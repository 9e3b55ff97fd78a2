//! The stock code in a path or a query, and the company it names.

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    db::Connection,
    http::{Answer, Problem, path_text},
    stock::{bar::StockCode, company::Company, store::companies},
    told,
};

/// `{stockCode}`. A code of impossible shape is 400.
pub(super) struct CodeInPath(pub StockCode);

impl<S: Send + Sync> FromRequestParts<S> for CodeInPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let text = path_text(parts, state, "stockCode").await?;
        StockCode::parse(&text).map(Self).map_err(|error| Problem::bad_request("stockCode", error))
    }
}

/// The company of the code, watched or not.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn company(connection: &impl Connection, code: &StockCode) -> Answer<Company> {
    companies::find_by_code(connection, code).await?.ok_or_else(|| unknown(code))
}

/// The company of `?stockCode=`; none when none is given.
///
/// # Errors
/// 400 for a code of impossible shape, 404 for an unknown one.
pub(super) async fn asked_for(connection: &impl Connection, code: Option<&str>) -> Answer<Option<Company>> {
    let Some(text) = code else { return Ok(None) };
    let code = StockCode::parse(text).map_err(|error| Problem::bad_request("stockCode", error))?;
    company(connection, &code).await.map(Some)
}

pub(super) fn unknown(code: &StockCode) -> Problem {
    Problem::not_found(told!(
        "no company has the stock code {code}; /api/v1/companies lists those there are",
        "銘柄コード {code} の会社はありません。一覧は /api/v1/companies で見られます"
    ))
}
