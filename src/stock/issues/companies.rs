//! Bringing companies in that are given as they are to be stored, ids included.

use chrono::NaiveDate;

use super::{diff::Changed, outcome::Applied};
use crate::{
    audit::Actor,
    db::{Connection, DbError},
    stock::{
        company::Company,
        store::{
            companies::{self, Upserted},
            company_changes::{self, CompanyAction},
            listing_changes,
        },
    },
};

/// Where the changes come from, as they are written down.
const SOURCE: &str = "csv";

/// Companies as somebody gives them.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    pub companies: &'a [Company],
    /// Companies already there are brought up to date, and none is added.
    pub only_known: bool,
    /// The day on which what they change counts as changed.
    pub as_of: NaiveDate,
    pub actor: &'a Actor,
}

/// Adds companies, or brings those with the same id up to date. Given a transaction, which nothing is to be committed
/// of after an error.
///
/// # Errors
/// The id of the company that could not be stored, and what the database says; also when its code belongs to another.
pub async fn import(connection: &impl Connection, given: &Given<'_>) -> Result<Applied, (String, DbError)> {
    let mut applied = Applied::default();
    for company in given.companies {
        let one = one(connection, given, company, &mut applied).await;
        one.map_err(|error| (company.company_id.to_string(), error))?;
    }
    Ok(applied)
}

async fn one(
    connection: &impl Connection,
    given: &Given<'_>,
    company: &Company,
    applied: &mut Applied,
) -> Result<(), DbError> {
    let before = companies::find_by_id(connection, &company.company_id).await?;
    if before.is_none() && given.only_known {
        applied.left_out += 1;
        return Ok(());
    }
    match companies::upsert(connection, company).await? {
        Upserted::Unchanged => {
            applied.unchanged += 1;
            return Ok(());
        }
        Upserted::Inserted => applied.inserted += 1,
        Upserted::Updated => {}
    }
    company_changes::record(connection, given.actor, CompanyAction::Import, before.as_ref(), company).await?;
    let Some(before) = before else { return Ok(()) };
    let changed = Changed { before, after: company.clone() };
    applied.count(&changed);
    listing_changes::add(connection, &changed.facts(given.as_of, SOURCE)).await
}
