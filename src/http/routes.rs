//! Routes that tell what they are: those of the API with their descriptions (OpenAPI), and pages for people. What is
//! served can be listed, so the document follows from it, and a test can knock at every door.

use axum::{Router, handler::Handler, routing::MethodRouter, routing::get};
use utoipa::openapi::{HttpMethod, OpenApi, PathItem, path::Operation, security::SecurityRequirement, tag::TagBuilder};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::page::Place;

/// Where the old front end asks for what is under `/api/v1`.
pub const FORMER_PREFIX: &str = "/stock-prediction-dashboard/api/v1";

/// One method on one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: &'static str,
    /// With parameters in braces, as axum writes them.
    pub path: String,
    /// Whether it answers anyone, whatever the configuration says.
    pub open: bool,
}

/// A router that remembers its routes. `S` is the state its handlers take.
pub struct Routes<S = ()> {
    router: OpenApiRouter<S>,
    pages: Vec<Route>,
    places: Vec<Place>,
    clashes: Vec<String>,
}

/// What routes there are, without the handlers behind them.
#[derive(Clone, Default)]
pub struct Listed {
    /// The described ones.
    pub api: OpenApi,
    /// Those for people, and the API at its former address.
    pub pages: Vec<Route>,
    /// Those of the pages that every page leads to.
    pub places: Vec<Place>,
    /// Names that two different schemas have: there must be none.
    pub clashes: Vec<String>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    #[must_use]
    pub fn new() -> Self {
        Self { router: OpenApiRouter::default(), pages: Vec::new(), places: Vec::new(), clashes: Vec::new() }
    }

    /// Tells what the routes of a tag have in common.
    #[must_use]
    pub fn tag(mut self, name: &str, description: &str) -> Self {
        let tag = TagBuilder::new().name(name).description(Some(description)).build();
        self.router.get_openapi_mut().tags.get_or_insert_default().push(tag);
        self
    }

    /// Adds a described route: `routes!(handler)`. Open to anyone when it says `security(())`, else behind the gate.
    #[must_use]
    pub fn api(mut self, described: UtoipaMethodRouter<S>) -> Self {
        let known = self.router.get_openapi().components.as_ref();
        for (name, schema) in &described.0 {
            if known.and_then(|known| known.schemas.get(name)).is_some_and(|known| known != schema) {
                self.clashes.push(name.clone());
            }
        }
        self.router = self.router.routes(described);
        self
    }

    /// Adds a page.
    #[must_use]
    pub fn page<T: 'static>(self, path: &'static str, handler: impl Handler<T, S>) -> Self {
        self.undescribed(&["GET"], path, get(handler))
    }

    /// The same, and every page leads to it by this name.
    #[must_use]
    pub fn place<T: 'static>(mut self, path: &'static str, name: &'static str, handler: impl Handler<T, S>) -> Self {
        self.places.push((path, name));
        self.page(path, handler)
    }

    /// Adds a route that is no part of the API.
    #[must_use]
    pub fn undescribed(mut self, methods: &[&'static str], path: &str, handlers: MethodRouter<S>) -> Self {
        self.pages.extend(methods.iter().map(|method| Route { method, path: path.to_owned(), open: false }));
        self.router = self.router.route(path, handlers);
        self
    }

    /// The same routes under a prefix.
    #[must_use]
    pub fn nest(mut self, prefix: &str, nested: Self) -> Self {
        let pages = nested.pages.into_iter().map(|page| Route { path: format!("{prefix}{}", page.path), ..page });
        self.pages.extend(pages);
        self.clashes.extend(nested.clashes);
        self.router = self.router.nest(prefix, nested.router);
        self
    }

    /// The same routes under a prefix that is not described: where they answered before.
    #[must_use]
    pub fn nest_undescribed(mut self, prefix: &str, nested: Self) -> Self {
        let (router, listed) = nested.split();
        let pages = listed.table().into_iter().map(|route| Route { path: format!("{prefix}{}", route.path), ..route });
        self.pages.extend(pages);
        self.router = self.router.nest(prefix, router.into());
        self
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.pages.extend(other.pages);
        self.places.extend(other.places);
        self.clashes.extend(other.clashes);
        self.clashes.extend(clashes(self.router.get_openapi(), other.router.get_openapi()));
        self.router = self.router.merge(other.router);
        self
    }

    #[must_use]
    pub fn with_state<S2>(self, state: S) -> Routes<S2> {
        let Self { router, pages, places, clashes } = self;
        Routes { router: router.with_state(state), pages, places, clashes }
    }

    /// What can be served, and what is told of it.
    pub fn split(self) -> (Router<S>, Listed) {
        let Self { router, pages, places, clashes } = self;
        let (router, api) = router.split_for_parts();
        (router, Listed { api, pages, places, clashes })
    }

    /// What is told of it, which needs no state.
    #[must_use]
    pub fn listed(self) -> Listed {
        self.split().1
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl Listed {
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.clashes.extend(clashes(&self.api, &other.api));
        self.clashes.extend(other.clashes);
        self.pages.extend(other.pages);
        self.places.extend(other.places);
        self.api.merge(other.api);
        self
    }

    /// Every route.
    #[must_use]
    pub fn table(&self) -> Vec<Route> {
        let described = self.api.paths.paths.iter().flat_map(|(path, item)| {
            operations(item).into_iter().map(|(method, operation)| Route {
                method: name(method),
                path: path.clone(),
                open: is_open(operation),
            })
        });
        described.chain(self.pages.iter().cloned()).collect()
    }
}

/// A route that asks for nothing says so: `security(())`.
pub fn is_open(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|needed| needed.as_slice() == [SecurityRequirement::default()])
}

/// The methods of a path that are there.
fn operations(item: &PathItem) -> Vec<(HttpMethod, &Operation)> {
    let all = [
        (HttpMethod::Get, &item.get),
        (HttpMethod::Post, &item.post),
        (HttpMethod::Put, &item.put),
        (HttpMethod::Patch, &item.patch),
        (HttpMethod::Delete, &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?))).collect()
}

fn name(method: HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Head => "HEAD",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Trace => "TRACE",
    }
}

/// Schemas of one name that are not the same.
fn clashes(one: &OpenApi, other: &OpenApi) -> Vec<String> {
    let (Some(one), Some(other)) = (&one.components, &other.components) else { return Vec::new() };
    let differ = |name: &&String| one.schemas.get(*name).is_some_and(|schema| Some(schema) != other.schemas.get(*name));
    other.schemas.keys().filter(differ).cloned().collect()
}
