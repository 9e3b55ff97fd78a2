//! The audit rows of companies that somebody registered, changed or stopped watching.

use serde_json::{Value, json};

use crate::{
    audit::{Actor, Change, differences, store},
    db::{Connection, DbError},
    stock::company::Company,
};

/// What was done to a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompanyAction {
    Register,
    Unwatch,
    Import,
}

impl CompanyAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "company.register",
            Self::Unwatch => "company.unwatch",
            Self::Import => "company.import",
        }
    }
}

/// Writes down that a company became what it is now; a new one is kept whole, of another the members that differ.
///
/// # Errors
/// What the database says.
pub async fn record(
    connection: &impl Connection,
    actor: &Actor,
    action: CompanyAction,
    before: Option<&Company>,
    after: &Company,
) -> Result<(), DbError> {
    store::record(connection, actor, &change(action, before, after, "")).await
}

/// The same for many companies at once: what each was, if it was there, and what it is. `note` says by what.
///
/// # Errors
/// What the database says.
pub async fn record_all(
    connection: &impl Connection,
    actor: &Actor,
    action: CompanyAction,
    companies: &[(Option<&Company>, &Company)],
    note: &str,
) -> Result<(), DbError> {
    let changes: Vec<_> = companies.iter().map(|(before, after)| change(action, *before, after, note)).collect();
    store::record_all(connection, actor, &changes).await
}

fn change<'a>(action: CompanyAction, before: Option<&Company>, after: &'a Company, note: &'a str) -> Change<'a> {
    let (before, after_members) = match before {
        None => (None, row(after)),
        Some(before) => {
            let (before, after) = differences(&row(before), &row(after));
            (Some(before), after)
        }
    };
    Change { action: action.as_str(), subject: after.stock_code.as_str(), before, after: Some(after_members), note }
}

fn row(company: &Company) -> Value {
    json!({
        "companyId": company.company_id.as_str(),
        "companyName": company.company_name,
        "stockCode": company.stock_code.as_str(),
        "countryCode": company.country_code,
        "listedMarket": company.listed_market,
        "foundationDate": company.foundation_date.map(|founded| founded.date()),
        "longitude": company.longitude,
        "latitude": company.latitude,
        "status": company.status.as_str(),
        "listedFrom": company.listed_from,
        "listedTo": company.listed_to,
    })
}
