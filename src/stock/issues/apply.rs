//! Writing what a list says that is not known yet.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};

use super::{
    diff::{Diff, Known, diff},
    outcome::Applied,
    segment::{OTHER, segment},
};
use crate::{
    audit::Actor,
    db::{Connection, DbError},
    stock::{
        bar::CompanyId,
        calendar::{Calendar, Market},
        company::{Company, CompanyStatus},
        listing::{Issue, IssueList},
        store::{
            companies,
            company_changes::{self, CompanyAction},
            company_lists, listing_changes, series,
        },
    },
};

/// A list may speak of the next sessions, which its publisher knows already.
const AHEAD: TimeDelta = TimeDelta::days(10);

/// A list to be applied.
#[derive(Clone, Copy, Debug)]
pub struct Applying<'a> {
    /// Of the market whose issues the list has.
    pub calendar: &'a Calendar,
    pub list: &'a IssueList,
    /// Companies already there are brought up to date, and none is added.
    pub only_known: bool,
    /// Also a list that lacks most of the companies.
    pub force: bool,
    /// The day it is, in the market's zone.
    pub today: NaiveDate,
    /// Who asks for it, for the audit; none when the daemon does it by itself.
    pub actor: Option<&'a Actor>,
}

/// Why a list was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error(
        "the list of {as_of} is older than that of {newest} ({source_of_newest}), which was applied already: what it \
         says otherwise is no longer so"
    )]
    Older { as_of: NaiveDate, newest: NaiveDate, source_of_newest: String },
    #[error("the list lacks {lacking} of {active} active companies: it seems to be a part only")]
    Truncated { lacking: usize, active: usize },
    #[error("the list is of {as_of}, and today is {today}")]
    Ahead { as_of: NaiveDate, today: NaiveDate },
    #[error("database: {0}")]
    Database(#[from] DbError),
}

/// Applies a list: companies keep their ids, new ones get the next. Given a transaction, which nothing is to be
/// committed of after an error.
///
/// # Errors
/// When the list is older than the one applied last and says otherwise, is of a day to come, or lacks more than half
/// of the active companies; and what the database says.
pub async fn apply(connection: &impl Connection, applying: &Applying<'_>) -> Result<Applied, ApplyError> {
    let Applying { calendar, list, today, .. } = *applying;
    let market = calendar.market();
    if list.as_of > today + AHEAD {
        return Err(ApplyError::Ahead { as_of: list.as_of, today });
    }
    let newest = company_lists::lock(connection, market.country()).await?;
    let known = known(connection, market).await?;
    let mut diff = diff(calendar, &known, list);
    let left_out = if applying.only_known { std::mem::take(&mut diff.new).len() } else { 0 };
    if let Some(newest) = newest.as_ref().filter(|newest| newest.as_of > list.as_of) {
        if diff.new.is_empty() && diff.changed.is_empty() {
            return Ok(Applied { unchanged: diff.unchanged, left_out, ..Applied::default() });
        }
        let source_of_newest = newest.source.clone();
        return Err(ApplyError::Older { as_of: list.as_of, newest: newest.as_of, source_of_newest });
    }
    let mut applied = Applied { inserted: diff.new.len(), unchanged: diff.unchanged, left_out, ..Applied::default() };
    diff.changed.iter().for_each(|changed| applied.count(changed));
    let active = known.iter().filter(|known| known.company.status == CompanyStatus::Active).count();
    if !applying.force && applied.delisted * 2 > active {
        return Err(ApplyError::Truncated { lacking: applied.delisted, active });
    }
    write(connection, applying, &diff).await?;
    // The same list once more leaves no trace.
    if newest.is_none_or(|newest| newest.as_of < list.as_of) {
        company_lists::save(connection, market.country(), list).await?;
    }
    Ok(applied)
}

async fn known(connection: &impl Connection, market: Market) -> Result<Vec<Known>, DbError> {
    let mut newest: HashMap<String, NaiveDate> = HashMap::new();
    for (id, series) in series::list(connection).await? {
        newest.extend(series.newest_date.map(|date| (id, date)));
    }
    let companies = companies::lock_of_country(connection, market.country()).await?;
    Ok(companies
        .into_iter()
        .map(|company| Known { newest_bar: newest.get(company.company_id.as_str()).copied(), company })
        .collect())
}

async fn write(connection: &impl Connection, applying: &Applying<'_>, diff: &Diff<'_>) -> Result<(), DbError> {
    let Applying { calendar, list, actor, .. } = *applying;
    let new = new_companies(connection, calendar.market(), &diff.new).await?;
    companies::insert_all(connection, &new).await?;
    for changed in &diff.changed {
        companies::update(connection, &changed.after).await?;
    }
    let facts: Vec<_> = diff.changed.iter().flat_map(|changed| changed.facts(list.as_of, list.source)).collect();
    listing_changes::add(connection, &facts).await?;
    let Some(actor) = actor else { return Ok(()) };
    let added = new.iter().map(|company| (None, company));
    let changed = diff.changed.iter().map(|changed| (Some(&changed.before), &changed.after));
    let companies: Vec<_> = added.chain(changed).collect();
    let note = format!("list of {} by {}", list.as_of, list.source);
    company_changes::record_all(connection, actor, CompanyAction::Import, &companies, &note).await
}

async fn new_companies(
    connection: &impl Connection,
    market: Market,
    issues: &[&Issue],
) -> Result<Vec<Company>, DbError> {
    let Some(first) = first_number(connection, issues).await? else { return Ok(Vec::new()) };
    let company = |(number, issue): (u32, &&Issue)| {
        Ok(Company {
            company_id: CompanyId::parse(&format!("{number:04}")).map_err(|e| DbError::Type(e.to_string()))?,
            company_name: issue.name.clone(),
            stock_code: issue.code.clone(),
            country_code: market.country().to_owned(),
            listed_market: segment(issue.segment.as_deref()).unwrap_or_else(|| OTHER.to_owned()),
            foundation_date: None,
            longitude: None,
            latitude: None,
            status: CompanyStatus::Active,
            listed_from: None,
            listed_to: None,
        })
    };
    (first..).zip(issues).map(company).collect()
}

/// The number of the first new company's id; none when there is no new company.
async fn first_number(connection: &impl Connection, issues: &[&Issue]) -> Result<Option<u32>, DbError> {
    if issues.is_empty() {
        return Ok(None);
    }
    let id = companies::next_id(connection).await?;
    id.as_str().parse().map(Some).map_err(|_| DbError::Type(format!("{id} is no number")))
}
