//! `GET /bars`: the bars of many companies at once, or of the whole market.

mod columns;
mod handler;
mod query;

pub(super) use handler::{__path_export, export};
