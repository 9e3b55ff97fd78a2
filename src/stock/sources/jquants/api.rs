//! Asking an endpoint to its last page.

use std::collections::HashSet;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::page::{Page, Reply, Unreadable, page};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::client::PoliteClient;
use crate::crawl::request::Request;
use crate::settings::Secret;
use crate::stock::bar::Days;
use crate::stock::sources::body::schema_changed;

/// A 429 comes without `Retry-After`; one to two minutes are to be waited, and heavy excess blocks for five.
pub const QUOTA_WAIT: Duration = Duration::from_secs(90);

/// More pages than any answer has: of all issues there are a few thousand, of one issue's sessions since 2008 as many.
const MAX_PAGES: usize = 200;

/// The way to J-Quants, shared by nothing but its pace: each of its sources has one.
pub struct Api {
    client: PoliteClient,
    key: Secret,
}

/// An answer of all its pages.
pub(super) enum Whole<T> {
    Records(Records<T>),
    /// The plan gives these days only.
    Covers(Days),
    /// The answer would be too large: a smaller range may do.
    TooLarge,
    /// The plan does not include the endpoint.
    NotInPlan(String),
}

pub(super) struct Records<T> {
    pub(super) records: Vec<T>,
    pub(super) unreadable: Vec<Unreadable>,
    /// How many requests it took.
    pub(super) pages: usize,
}

impl Api {
    #[must_use]
    pub const fn new(client: PoliteClient, key: Secret) -> Self {
        Self { client, key }
    }

    /// Asks until no page names a next one. A page that fails fails the whole: half an answer would look complete.
    pub(super) async fn all<T>(&self, request: &Request, cancel: &CancellationToken) -> Result<Whole<T>, Refusal>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let mut whole = Records { records: Vec::new(), unreadable: Vec::new(), pages: 0 };
        let (mut key, mut seen) = (None, HashSet::new());
        while whole.pages < MAX_PAGES {
            let page = match self.page(request, key.as_deref(), cancel).await? {
                Reply::Page(page) => page,
                Reply::Covers(days) => return Ok(Whole::Covers(days)),
                Reply::TooLarge => return Ok(Whole::TooLarge),
                Reply::NotInPlan(reason) => return Ok(Whole::NotInPlan(reason)),
            };
            let Page { records, unreadable, next } = page;
            whole.records.extend(records);
            whole.unreadable.extend(unreadable);
            whole.pages += 1;
            let Some(next) = next else { return Ok(Whole::Records(whole)) };
            if !seen.insert(next.clone()) {
                return Err(schema_changed(format!("page {} names a page that was read already", whole.pages)));
            }
            key = Some(next);
        }
        Err(schema_changed(format!("more than {MAX_PAGES} pages")))
    }

    async fn page<T>(
        &self,
        request: &Request,
        key: Option<&str>,
        cancel: &CancellationToken,
    ) -> Result<Reply<T>, Refusal>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let request = request.clone().secret_header("x-api-key", self.key.expose());
        let request = match key {
            Some(key) => request.query("pagination_key", key),
            None => request,
        };
        match self.client.ask(&request, cancel, |raw| page(raw.status, &raw.body)).await? {
            Answer::Data(reply) => Ok(reply),
            // `page` gives data only.
            _ => Err(schema_changed("no page")),
        }
    }
}
