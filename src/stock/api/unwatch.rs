//! `DELETE /companies/{stockCode}`: the company is no longer watched. Its bars stay and are still answered.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::{
    StockApi,
    code::{self, CodeInPath},
};
use crate::{
    http::{Admin, Answer, NoParams, Problem},
    stock::{
        company::{Company, CompanyStatus},
        store::{
            companies,
            company_changes::{self, CompanyAction},
        },
    },
    told,
};

/// Stops watching a company
///
/// Its bars stay and are still answered.
#[utoipa::path(
    delete,
    path = "/companies/{stockCode}",
    operation_id = "unwatchCompany",
    tag = "companies",
    params(CodeInPath),
    security(("bearer" = ["admin"])),
    responses(
        (status = 204, description = "It is no longer watched."),
        (status = 404, description = "There is no such company, or nobody watches it.")
    )
)]
pub(super) async fn unwatch(
    Admin(actor): Admin,
    State(api): State<Arc<StockApi>>,
    CodeInPath(code): CodeInPath,
    _: NoParams,
) -> Answer<StatusCode> {
    let transaction = api.database.begin().await?;
    let company = companies::lock_by_code(&transaction, &code).await?.ok_or_else(|| code::unknown(&code))?;
    if company.status == CompanyStatus::Unwatched {
        return Err(Problem::not_found(told!(
            "{code} is not watched already; its bars are kept",
            "{code} の監視はすでに止まっています。保存済みの株価は残っています"
        )));
    }
    companies::set_status(&transaction, &company.company_id, CompanyStatus::Unwatched).await?;
    let after = Company { status: CompanyStatus::Unwatched, ..company.clone() };
    company_changes::record(&transaction, &actor, CompanyAction::Unwatch, Some(&company), &after).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
