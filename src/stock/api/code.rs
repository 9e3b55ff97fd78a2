//! The stock code in a path, and the company it names.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::{
    db::Connection,
    http::{Answer, Problem},
    stock::{bar::StockCode, company::Company, store::companies},
};

/// `{stockCode}`. A code of impossible shape is 400.
pub(super) struct CodeInPath(pub StockCode);

impl<S: Send + Sync> FromRequestParts<S> for CodeInPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let wrong = |message: String| Problem::bad_request("stockCode", message);
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|error| wrong(error.body_text()))?;
        StockCode::parse(&text).map(Self).map_err(|error| wrong(error.to_string()))
    }
}

/// The company of the code, watched or not.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn company(connection: &impl Connection, code: &StockCode) -> Answer<Company> {
    companies::find_by_code(connection, code).await?.ok_or_else(|| unknown(code))
}

pub(super) fn unknown(code: &StockCode) -> Problem {
    Problem::not_found(format!("no company has the stock code {code}; /api/v1/companies lists those there are"))
}
