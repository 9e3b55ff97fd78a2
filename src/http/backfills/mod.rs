//! `/jobs/{job}/backfills` and `/backfills`: working many keys of a job off, beside its schedule.

mod actions;
mod described;
mod items;
mod list;
mod make;
mod refused;
mod request;
mod wire;

use std::sync::Arc;

use utoipa_axum::routes;

use super::{jobs::unknown_job, problem::Answer, routes::Routes};
use crate::{
    clock::Clock,
    db::Database,
    jobs::{Backfill, BackfillId, Backfills, Registered, Registry, store},
};

use self::wire::BackfillJson;

/// What the handlers of backfills need.
#[derive(Clone)]
pub struct BackfillsState {
    pub database: Database,
    pub registry: Registry,
    pub backfills: Backfills,
    pub clock: Clock,
}

pub fn routes() -> Routes<BackfillsState> {
    Routes::new()
        .tag("backfills", "Working many keys of a job off, beside its schedule.")
        .api(routes!(list::list, make::make))
        .api(routes!(list::one))
        .api(routes!(items::list))
        .api(routes!(actions::pause))
        .api(routes!(actions::resume))
        .api(routes!(actions::cancel))
        .api(routes!(actions::retry))
}

impl BackfillsState {
    fn job(&self, job: &str) -> Answer<Arc<Registered>> {
        self.registry.find(job).ok_or_else(|| unknown_job(job))
    }

    /// The backfill with its items counted, as it is told.
    async fn told(&self, backfill: Backfill) -> Answer<BackfillJson> {
        let tally = store::tally(self.database.connection(), &backfill.id).await?;
        Ok(BackfillJson::new(backfill, &tally))
    }
}

/// Where a backfill is found.
pub fn path(id: &BackfillId) -> String {
    format!("/backfills/{id}")
}
