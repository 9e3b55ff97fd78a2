//! `/sources`: where data come from, how each source stands, and closing a breaker by hand.

mod list;
mod reset;
mod wire;

use super::{
    problem::{Answer, Problem},
    routes::Routes,
};
use crate::{
    clock::Clock,
    crawl::{
        Catalogue,
        overview::{SourceOverview, overviews},
    },
    db::Database,
    settings::shown,
    told,
};

/// What the handlers of `/sources` need.
#[derive(Clone)]
pub struct SourcesState {
    pub database: Database,
    pub catalogue: Catalogue,
    pub clock: Clock,
}

pub fn routes() -> Routes<SourcesState> {
    Routes::guarded()
        .get("/sources", list::list)
        .get("/sources/{source}", list::one)
        .post("/sources/{source}/reset", reset::reset)
}

impl SourcesState {
    async fn all(&self) -> Answer<Vec<SourceOverview>> {
        Ok(overviews(self.database.connection(), &self.catalogue, self.clock.now()).await?)
    }

    async fn find(&self, name: &str) -> Answer<SourceOverview> {
        let found = self.all().await?.into_iter().find(|source| source.entry.name == name);
        found.ok_or_else(|| {
            let name = shown(name);
            Problem::not_found(told!(
                "there is no source {name}; GET /sources lists them",
                "データソース {name} はありません。一覧は GET /sources で見られます"
            ))
        })
    }
}
