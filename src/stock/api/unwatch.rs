//! `DELETE /companies/{stockCode}`: the company is no longer watched. Its bars stay and are still answered.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::{
    StockApi,
    code::{self, CodeInPath},
};
use crate::{
    http::{Answer, Authorized, Problem},
    stock::{company::CompanyStatus, store::companies},
};

/// 204; 404 when there is no such company or nobody watches it.
pub(super) async fn unwatch(
    _: Authorized,
    State(api): State<Arc<StockApi>>,
    CodeInPath(code): CodeInPath,
) -> Answer<StatusCode> {
    let transaction = api.database.begin().await?;
    let company = code::company(&transaction, &code).await?;
    if company.status == CompanyStatus::Unwatched {
        return Err(Problem::not_found(format!("{code} is not watched already; its bars are kept")));
    }
    companies::set_status(&transaction, &company.company_id, CompanyStatus::Unwatched).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
