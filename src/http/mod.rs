//! The outside of the daemon: health, metrics, jobs, runs and backfills over HTTP, as JSON and as plain pages.
//!
//! Knows no domain: a domain hands in a router of its own, which gets the same frame (request id, metrics, limits,
//! problems, security headers) and the same gate (changes need authorization, whatever the route).

mod audit;
mod auth;
mod backfills;
mod data_model;
mod extract;
mod frame;
mod health;
mod jobs;
mod metrics_route;
pub mod openapi;
pub mod page;
mod paging;
mod prefer;
mod problem;
mod router;
mod routes;
mod runs;
mod serve;
pub mod settings;
mod sources;
mod switch;
pub mod table;

pub use auth::{Admin, AdminReader, Auth, Operator, Reader};
pub use data_model::{data_model, data_model_listed};
pub use extract::{
    Body, JsonBody, MAX_UPLOAD, NoParams, QueryParams, cut_off, instant, json, missing, none_of, not, path_text,
    plain_text, unknown_member, word,
};
pub use frame::{Client, Frame, Peer};
pub use health::Health;
pub use jobs::{KeyInHeader, idempotency_key};
pub use paging::{Page, cursor, limit};
pub use prefer::Prefer;
pub use problem::{Answer, Problem};
pub use router::{Parts, listed, router, starting_router};
pub use routes::{FORMER_PREFIX, Listed, Route, Routes};
pub use runs::{RunJson, Waiter, refused};
pub use serve::serve;
pub use switch::SwitchRouter;

pub use crate::told::{Language, Told};
