//! Bringing companies in that are given as they are to be stored, ids included.

use chrono::NaiveDate;

use super::{
    diff::Changed,
    misfit::{Misfit, misfits},
    outcome::Applied,
};
use crate::{
    audit::Actor,
    db::{Connection, DbError},
    stock::{
        bar::CompanyId,
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

/// Why companies are not brought in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// What would have been refused of somebody who registers them one by one.
    #[error("{}", lines(.0))]
    Refused(Vec<Misfit>),
    #[error("database: {0}")]
    Database(#[from] DbError),
    /// One company could not be stored; also when its code belongs to another.
    #[error("company {0}: {1}")]
    Company(CompanyId, DbError),
}

fn lines(misfits: &[Misfit]) -> String {
    misfits.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Companies as somebody gives them, each with the line it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    pub companies: &'a [(u64, Company)],
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
/// Every row that cannot be watched, together, or what the database says.
pub async fn import(connection: &impl Connection, given: &Given<'_>) -> Result<Applied, ImportError> {
    let stored = companies::list(connection).await?;
    let misfits = misfits(given.companies, &stored, given.only_known);
    if !misfits.is_empty() {
        return Err(ImportError::Refused(misfits));
    }
    let mut applied = Applied::default();
    for (_, company) in given.companies {
        let one = one(connection, given, company, &mut applied).await;
        one.map_err(|error| ImportError::Company(company.company_id.clone(), error))?;
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
