//! `openapi`: the description of the HTTP API.

use super::{outcome, outcome::Outcome};
use crate::{app, http};

pub fn openapi() -> Result<(), Outcome> {
    let document = http::openapi::document(app::listed());
    outcome::print(&http::openapi::text(&document)?);
    Ok(())
}
