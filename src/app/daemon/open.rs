//! Everything the daemon serves once its database is in order.

use std::sync::Arc;

use super::Parts;
use crate::{
    app::{assembly::Assembly, domains},
    http,
    stock::{
        self,
        api::{StockApi, UploadsApi},
    },
};

impl Parts {
    /// Serves everything from now on.
    pub(super) fn open(&self, assembly: &Assembly) {
        let jobs_fragment =
            http::page::jobs_fragment(assembly.parts.database.clone(), assembly.registry.clone(), self.clock.clone());
        let stock = stock::api::router(StockApi {
            database: assembly.parts.database.clone(),
            clock: self.clock.clone(),
            jobs_fragment,
            samples: self.samples.clone(),
        });
        let domain = stock.merge(domains::routes(&assembly.parts.database, &self.clock));
        self.router.set(http::router(http::Parts {
            database: assembly.parts.database.clone(),
            registry: assembly.registry.clone(),
            triggers: assembly.triggers.clone(),
            backfills: assembly.backfills.clone(),
            catalogue: assembly.parts.catalogue.clone(),
            metrics: Arc::clone(&self.metrics),
            clock: self.clock.clone(),
            auth: Arc::clone(&self.auth),
            frame: Arc::clone(&self.frame),
            health: self.health.clone(),
            banner: self.banner.clone(),
            domain,
            uploads: Some(self.uploads(assembly)),
        }));
        self.health.set_migrated();
        tracing::info!("ready");
    }

    /// Files that somebody gives to be imported.
    fn uploads(&self, assembly: &Assembly) -> http::Routes {
        let (database, draining) = (assembly.parts.database.clone(), self.health.draining().clone());
        let waiter = http::Waiter { database: database.clone(), clock: self.clock.clone(), draining };
        stock::api::uploads(UploadsApi { database, triggers: assembly.triggers.clone(), waiter })
    }
}
