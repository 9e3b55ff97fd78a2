//! What all pages have in common: the line that stands on each, such as that the data shown is a sample, and the places
//! they lead to. The frame of a page asks for it, so that no page can forget it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::told::Told;

/// An address that every page leads to, and its name.
pub type Place = (&'static str, &'static str);

/// What the daemon does.
const WORK: [Place; 3] = [("/jobs", "Jobs"), ("/runs", "Runs"), ("/sources", "Sources")];
/// What it tells of itself.
const ITSELF: [Place; 3] = [("/metrics", "Metrics"), ("/docs", "API"), ("/docs/data-model", "Data model")];

/// What the pages of one daemon have in common.
#[derive(Clone, Debug)]
pub struct Site {
    pub banner: Option<Told>,
    places: Arc<[Place]>,
}

impl Site {
    /// With the places of the domains among the daemon's own.
    pub fn new(banner: Option<Told>, domains: &[Place]) -> Self {
        Self { banner, places: [&WORK, domains, &ITSELF].concat().into() }
    }
}

/// Where a page stands.
#[derive(Clone, Debug)]
pub struct Here {
    pub site: Site,
    /// The address of the request, without its query.
    path: String,
}

tokio::task_local! {
    /// For the request being answered.
    static HERE: Here;
}

/// Hands the site to every page rendered below.
pub async fn provide(State(site): State<Site>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    HERE.scope(Here { site, path }, next.run(request)).await
}

/// Outside a request: a site of the daemon's own places.
pub fn here() -> Here {
    HERE.try_with(Here::clone).unwrap_or_else(|_| Here { site: Site::new(None, &[]), path: String::new() })
}

impl Here {
    pub fn places(&self) -> &[Place] {
        &self.site.places
    }

    /// For `aria-current`: whether this is the page at that address, or lies below it.
    pub fn current(&self, address: &str) -> Option<&'static str> {
        let below = || self.places().iter().all(|(place, _)| *place != self.path) && is_below(&self.path, address);
        if self.path == address { Some("page") } else { below().then_some("true") }
    }

    /// Where a browser is sent that asks for this address of ours: to the page of it, where there is one. None: it is
    /// no address of ours.
    pub fn target<'a>(&self, address: &'a str) -> Option<&'a str> {
        let is_page = |address: &str| {
            let path = address.split('?').next().unwrap_or_default();
            self.places().iter().any(|(place, _)| path == *place || is_below(path, place))
        };
        let rest = address.strip_prefix("/api/v1").filter(|rest| is_page(rest));
        rest.or_else(|| (is_page(address) || is_below(address, "/api")).then_some(address))
    }
}

fn is_below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Here {
        Here { site: Site::new(None, &[("/things", "Things")]), path: path.to_owned() }
    }

    #[test]
    fn one_place_at_most_is_the_current_one() {
        for (path, current) in [
            ("/runs", Some(("/runs", "page"))),
            ("/runs/0198", Some(("/runs", "true"))),
            ("/docs/data-model", Some(("/docs/data-model", "page"))),
            ("/things", Some(("/things", "page"))),
            ("/runsome", None),
            ("/", None),
        ] {
            let here = at(path);
            let marked: Vec<_> =
                here.places().iter().filter_map(|(place, _)| Some((*place, here.current(place)?))).collect();
            assert_eq!(marked, Vec::from_iter(current), "{path}");
        }
        assert_eq!(at("/").current("/"), Some("page"));
    }

    #[test]
    fn an_address_leads_to_its_page_where_there_is_one() {
        let here = at("/");
        for (address, target) in [
            ("/api/v1/things?code=7203", Some("/things?code=7203")),
            ("/api/v1/others?code=7203", Some("/api/v1/others?code=7203")),
            ("/runs/0198", Some("/runs/0198")),
            ("/jobs", Some("/jobs")),
            ("/var/lib/data", None),
            ("//elsewhere.example/jobs", None),
            ("/jobsome", None),
        ] {
            assert_eq!(here.target(address), target, "{address}");
        }
    }
}
