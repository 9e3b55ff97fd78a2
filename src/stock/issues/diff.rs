//! What a list says of the companies that is not known yet. Pure.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{
    name::same_name,
    segment::{OTHER, segment},
};
use crate::stock::{
    bar::StockCode,
    calendar::Calendar,
    company::{Company, CompanyStatus},
    listing::{CompanyChange, Issue, IssueList, What},
};

/// A company as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub company: Company,
    /// The newest session stored of it, which it must have been listed on.
    pub newest_bar: Option<NaiveDate>,
}

/// A company that becomes another.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    pub before: Company,
    pub after: Company,
}

/// What applying a list would come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff<'a> {
    /// Issues of no known company, in the order of the list.
    pub new: Vec<&'a Issue>,
    /// In the order of the companies.
    pub changed: Vec<Changed>,
    /// Issues whose companies stay as they are.
    pub unchanged: usize,
}

/// Compares a list with the companies of its market.
#[must_use]
pub fn diff<'a>(calendar: &Calendar, known: &[Known], list: &'a IssueList) -> Diff<'a> {
    let mut issues: HashMap<&StockCode, &Issue> = list.issues.iter().map(|issue| (&issue.code, issue)).collect();
    let mut diff = Diff::default();
    for one in known {
        let issue = issues.remove(&one.company.stock_code);
        let after = match issue {
            Some(issue) => listed(&one.company, issue, list.as_of),
            None if list.complete => no_longer_listed(calendar, one, list.as_of),
            None => None,
        };
        match after.filter(|after| *after != one.company) {
            Some(after) => diff.changed.push(Changed { before: one.company.clone(), after }),
            None => diff.unchanged += usize::from(issue.is_some()),
        }
    }
    diff.new = list.issues.iter().filter(|issue| issues.contains_key(&issue.code)).collect();
    diff
}

/// A company of the list; none when more recent things are known of it.
fn listed(company: &Company, issue: &Issue, as_of: NaiveDate) -> Option<Company> {
    let delisted = company.status == CompanyStatus::Delisted;
    if delisted && company.listed_to.is_some_and(|to| to >= as_of) {
        return None;
    }
    let mut after = company.clone();
    let word = segment(issue.segment.as_deref());
    // A list that knows no segment of an issue writes its name in another way too: the manager's before the fund's.
    let names_it = word.is_some() || company.listed_market == OTHER;
    if names_it && !same_name(&company.company_name, &issue.name) {
        after.company_name.clone_from(&issue.name);
    }
    if let Some(word) = word {
        after.listed_market = word;
    }
    if delisted {
        after.status = CompanyStatus::Active;
        after.listed_to = None;
    }
    Some(after)
}

/// A company that a complete list lacks. It may have been listed only after the list's day.
fn no_longer_listed(calendar: &Calendar, known: &Known, as_of: NaiveDate) -> Option<Company> {
    let Known { company, newest_bar } = known;
    let later = |day: Option<NaiveDate>| day.is_some_and(|day| day > as_of);
    if company.status != CompanyStatus::Active || later(company.listed_from) || later(*newest_bar) {
        return None;
    }
    // The true day may be earlier: no bar is missed, and sources have none after it.
    let last = calendar.previous_session(as_of).max(newest_bar.unwrap_or(NaiveDate::MIN));
    let last = company.listed_from.map_or(last, |from| last.max(from));
    let listed_to = company.listed_to.map_or(last, |to| to.min(last));
    Some(Company { status: CompanyStatus::Delisted, listed_to: Some(listed_to), ..company.clone() })
}

impl Changed {
    /// What became different, as it is written down.
    #[must_use]
    pub fn facts(&self, changed_on: NaiveDate, source: &str) -> Vec<CompanyChange> {
        let Self { before, after } = self;
        let fact = |what, old: &str, new: &str| {
            (old != new).then(|| CompanyChange {
                company_id: after.company_id.clone(),
                changed_on,
                what,
                old: old.to_owned(),
                new: new.to_owned(),
                source: source.to_owned(),
            })
        };
        let facts = [
            fact(What::Name, &before.company_name, &after.company_name),
            fact(What::Segment, &before.listed_market, &after.listed_market),
            fact(What::Status, before.status.as_str(), after.status.as_str()),
        ];
        facts.into_iter().flatten().collect()
    }
}
