//! Sources as JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    crawl::overview::{Quota, SourceOverview},
    settings::format_duration,
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Source)]
pub struct SourceJson {
    name: &'static str,
    enabled: bool,
    /// `available`, `blocked`, `quota` or `down`.
    state: &'static str,
    closed_until: Option<DateTime<Utc>>,
    reason: Option<String>,
    next_request_at: Option<DateTime<Utc>>,
    /// As in the configuration: `3s`.
    #[schema(example = "3s")]
    min_interval: String,
    last_answers: BTreeMap<String, LastAnswer>,
    quota: Option<QuotaJson>,
    licence_note: &'static str,
    host: String,
    links: Links,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LastAnswer {
    count: u64,
    last_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Quota)]
struct QuotaJson {
    limit: u32,
    used: u32,
    left: u32,
    resets_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceLinks)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    reset: String,
}

impl From<SourceOverview> for SourceJson {
    fn from(source: SourceOverview) -> Self {
        let name = source.entry.name;
        let answers = source.last_answers.into_iter();
        let answers = answers.map(|found| (found.outcome, LastAnswer { count: found.count, last_at: found.last_at }));
        Self {
            name,
            enabled: source.entry.enabled,
            state: source.state,
            closed_until: source.closed_until,
            reason: Some(source.reason).filter(|reason| !reason.is_empty()),
            next_request_at: source.next_request_at,
            min_interval: format_duration(source.entry.min_interval),
            last_answers: answers.collect(),
            quota: source.quota.map(QuotaJson::from),
            licence_note: source.entry.licence_note,
            host: source.entry.host,
            links: Links { own: format!("/sources/{name}"), reset: format!("/sources/{name}/reset") },
        }
    }
}

impl From<Quota> for QuotaJson {
    fn from(quota: Quota) -> Self {
        Self { limit: quota.limit, used: quota.used, left: quota.left, resets_at: quota.resets_at }
    }
}
