//! Backfills and their items as JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::path;
use crate::jobs::{
    Backfill, BackfillId, BackfillItem, BackfillMode, BackfillPlan, BackfillState, ItemState, RowCounts, RunId, Tally,
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Backfill)]
pub struct BackfillJson {
    id: BackfillId,
    job: String,
    #[schema(value_type = BackfillState)]
    state: &'static str,
    #[schema(value_type = BackfillMode)]
    mode: &'static str,
    params: Params,
    max_parallel: u32,
    note: String,
    retry_of: Option<BackfillId>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    /// The run its items are in.
    run: Option<RunId>,
    total: u32,
    /// Items by state.
    #[schema(value_type = BTreeMap<String, u32>)]
    counts: BTreeMap<&'static str, u32>,
    percent: f64,
    eta_seconds: Option<u64>,
    rows: RowCounts,
    error: Option<String>,
    links: Links,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BackfillParams)]
struct Params {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    companies: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BackfillLinks)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    items: String,
    job: String,
    run: Option<String>,
}

impl BackfillJson {
    pub fn new(backfill: Backfill, tally: &Tally) -> Self {
        let own = path(&backfill.id);
        let going = backfill.state == BackfillState::Running;
        let params = backfill.params;
        Self {
            state: backfill.state.as_str(),
            mode: backfill.mode.as_str(),
            params: Params { from: params.from, to: params.to, companies: params.companies },
            max_parallel: backfill.max_parallel,
            note: backfill.note,
            retry_of: backfill.retry_of,
            created_at: backfill.created_at,
            finished_at: backfill.finished_at,
            total: tally.total(),
            counts: ItemState::ALL.iter().map(|&state| (state.as_str(), tally.of(state))).collect(),
            percent: tally.percent(),
            eta_seconds: going.then(|| tally.eta_seconds(backfill.max_parallel)).flatten(),
            rows: tally.rows(),
            error: backfill.error,
            links: Links {
                items: format!("{own}/items"),
                job: format!("/jobs/{}", backfill.job),
                run: backfill.run.as_ref().map(|run| format!("/runs/{run}")),
                own,
            },
            id: backfill.id,
            job: backfill.job,
            run: backfill.run,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BackfillItem)]
pub struct ItemJson {
    key: String,
    #[schema(value_type = ItemState)]
    state: &'static str,
    run_id: Option<RunId>,
    rows: RowCounts,
    message: Option<String>,
    error: Option<String>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<BackfillItem> for ItemJson {
    fn from(item: BackfillItem) -> Self {
        Self {
            key: item.key,
            state: item.state.as_str(),
            run_id: item.run,
            rows: item.rows,
            message: item.message,
            error: item.error,
            started_at: item.started_at,
            finished_at: item.finished_at,
        }
    }
}

/// What a dry run tells.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BackfillPlan)]
pub struct PlanJson {
    items: Vec<PlannedJson>,
    total: usize,
    nothing_to_do: usize,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlannedItem)]
struct PlannedJson {
    key: String,
    message: Option<String>,
}

impl From<BackfillPlan> for PlanJson {
    fn from(plan: BackfillPlan) -> Self {
        let told = |item: crate::jobs::Planned| PlannedJson { key: item.key, message: item.message };
        let items: Vec<PlannedJson> = plan.items.into_iter().map(told).collect();
        Self { total: items.len(), items, nothing_to_do: plan.nothing_to_do }
    }
}
