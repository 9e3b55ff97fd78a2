//! `/sources`: where data come from, how each source stands, and closing a breaker by hand.

mod list;
mod reset;
mod wire;

use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};
use utoipa_axum::routes;

use super::{
    openapi::{in_path, schema::Name64},
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
    Routes::new()
        .tag("sources", "Where data come from, how each source stands, and closing a breaker by hand.")
        .api(routes!(list::list))
        .api(routes!(list::one))
        .api(routes!(reset::reset))
}

/// `{source}`, as it is described. What names no source is 404, whatever it is.
pub enum SourceInPath {}

impl IntoParams for SourceInPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        in_path::<Name64>("source", "The name of a source; `GET /sources` lists them.")
    }
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
