//! The list of issues, `/equities/master`.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::NaiveDate;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::api::{Api, Records, Whole};
use super::code;
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::request::Request;
use crate::crawl::source::Source;
use crate::stock::listing::{Issue, IssueList};
use crate::stock::sources::body::{blocked, schema_changed};
use crate::stock::sources::{ListQuery, SourceName};

/// Who is listed in Tokyo, as J-Quants says.
pub struct JquantsMaster {
    api: Api,
}

#[derive(Debug, Deserialize)]
struct IssueRecord {
    #[serde(rename = "Date")]
    date: NaiveDate,
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "CoName")]
    name: String,
    #[serde(rename = "MktNm")]
    segment: Option<String>,
}

impl JquantsMaster {
    #[must_use]
    pub const fn new(api: Api) -> Self {
        Self { api }
    }
}

#[async_trait]
impl Source<ListQuery, IssueList> for JquantsMaster {
    fn name(&self) -> &'static str {
        SourceName::Jquants.as_str()
    }

    /// The list as of a day, or the newest that the plan gives. It says itself of which day it is.
    async fn fetch(&self, query: &ListQuery, cancel: &CancellationToken) -> Result<Answer<IssueList>, Refusal> {
        let request = Request::get("equities/master");
        let request = match query.day {
            Some(day) => request.query("date", day),
            None => request,
        };
        match self.api.all(&request, cancel).await? {
            Whole::Records(found) => list(found),
            Whole::Covers(days) => Err(blocked(format!("the plan covers {} to {} only", days.from, days.to))),
            Whole::TooLarge => Err(schema_changed("the list of issues is too large")),
            Whole::NotInPlan(reason) => Err(blocked(reason)),
        }
    }
}

/// Complete only when every record was read: an issue that is missing counts as no longer listed.
fn list(found: Records<IssueRecord>) -> Result<Answer<IssueList>, Refusal> {
    let Some(as_of) = found.records.iter().map(|record| record.date).max() else { return Ok(Answer::NoNewData) };
    let total = found.records.len();
    let mut seen = HashSet::new();
    let (mut issues, mut unknown) = (Vec::with_capacity(total), found.unreadable.len());
    for record in found.records {
        match code::ours(&record.code) {
            Some(code) if !record.name.trim().is_empty() => {
                if seen.insert(code.clone()) {
                    let segment = record.segment.map(|text| text.trim().to_owned());
                    let segment = segment.filter(|text| !matches!(text.as_str(), "" | "-"));
                    issues.push(Issue { code, name: record.name.trim().to_owned(), segment });
                }
            }
            _ => unknown += 1,
        }
    }
    if issues.is_empty() {
        return Err(schema_changed(format!("none of {total} issues has a code and a name")));
    }
    if unknown > 0 {
        tracing::warn!(unknown, "issues of J-Quants' list could not be read; it is not taken for complete");
    }
    Ok(Answer::Data(IssueList { source: SourceName::Jquants.as_str(), as_of, complete: unknown == 0, issues }))
}
